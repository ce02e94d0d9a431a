//! A text as the program that reads it decodes it: percent encoding, escapes of JSON, and letters
//! that only look like ASCII.

use std::borrow::Cow;
use std::ops::Range;

/// Encodings inside each other that are decoded.
const MAX_LEVELS: usize = 3;

/// A decoded text, and where each of its bytes is in the text before.
pub(super) struct View {
    pub(super) text: String,
    starts: Vec<usize>,
}

impl View {
    /// The decoded text; `None` where decoding changes nothing.
    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut view = Self::decode_once(text)?;
        for _ in 1..MAX_LEVELS {
            let Some(next) = Self::decode_once(&view.text) else {
                break;
            };
            let starts = next.starts.iter().map(|start| view.starts[*start]);
            view = Self {
                starts: starts.collect(),
                text: next.text,
            };
        }
        Some(view)
    }

    fn decode_once(text: &str) -> Option<Self> {
        if text.is_ascii() && !text.contains(['%', '\\']) {
            return None;
        }
        let mut view = Self {
            text: String::with_capacity(text.len()),
            starts: Vec::with_capacity(text.len() + 1),
        };
        let mut changed = false;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let (decoded, length) = match c {
                '%' => percent(&text[at..]),
                '\\' => escape(&text[at..]),
                _ => None,
            }
            .unwrap_or_else(|| (similar_ascii(c), c.len_utf8()));
            if let Some(decoded) = decoded {
                view.text.push(decoded);
            }
            view.starts.resize(view.text.len(), at);
            changed |= length != c.len_utf8() || decoded != Some(c);
            at += length;
        }
        view.starts.push(text.len());
        changed.then_some(view)
    }

    /// Where a part of the decoded text is in the text before.
    pub(super) fn source(&self, part: &Range<usize>) -> Range<usize> {
        self.starts[part.start]..self.starts[part.end]
    }
}

/// A name with letters that look like ASCII replaced, and without invisible characters.
pub(super) fn fold_name(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().filter_map(similar_ascii).collect())
}

/// `%3D`: a printable ASCII character and the length of its encoding.
fn percent(text: &str) -> Option<(Option<char>, usize)> {
    let digits = text.get(1..3)?;
    let byte = u8::from_str_radix(digits, 16).ok()?;
    (digits.bytes().all(|b| b.is_ascii_hexdigit()) && (b' '..=b'~').contains(&byte))
        .then_some((Some(char::from(byte)), 3))
}

/// `\u0077` and `\"` of JSON and `Debug`.
fn escape(text: &str) -> Option<(Option<char>, usize)> {
    if text.starts_with("\\\"") {
        return Some((Some('"'), 2));
    }
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    let decoded = char::from_u32(code).filter(|c| !c.is_control())?;
    digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then_some((similar_ascii(decoded), 6))
}

/// The ASCII character that a reader takes this one for; `None` for invisible ones.
fn similar_ascii(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    let offset = |start: char, first: char| {
        char::from_u32(u32::from(c) - u32::from(start) + u32::from(first)).unwrap_or(c)
    };
    Some(match c {
        '\u{ff01}'..='\u{ff5e}' => offset('\u{ff01}', '!'),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => return None,
        _ => match SIMILAR_LETTERS
            .iter()
            .find(|(letters, _)| letters.contains(c))
        {
            Some((_, ascii)) => *ascii,
            None => c,
        },
    })
}

/// Letters of other scripts that look like those of names.
const SIMILAR_LETTERS: &[(&str, char)] = &[
    ("аα", 'a'),
    ("АΑ", 'A'),
    ("ВΒ", 'B'),
    ("сϲ", 'c'),
    ("С", 'C'),
    ("ԁ", 'd'),
    ("еε", 'e'),
    ("ЕΕ", 'E'),
    ("НΗ", 'H'),
    ("һ", 'h'),
    ("іıι", 'i'),
    ("ІΙ", 'I'),
    ("ј", 'j'),
    ("Ј", 'J'),
    ("кκ", 'k'),
    ("КΚ", 'K'),
    ("МΜ", 'M'),
    ("Ν", 'N'),
    ("оο", 'o'),
    ("ОΟ", 'O'),
    ("рρ", 'p'),
    ("РΡ", 'P'),
    ("ѕ", 's'),
    ("Ѕ", 'S'),
    ("ТΤ", 'T'),
    ("υ", 'u'),
    ("ѡω", 'w'),
    ("ԝ", 'w'),
    ("хχ", 'x'),
    ("ХΧ", 'X'),
    ("уγ", 'y'),
    ("УΥ", 'Y'),
    ("Ζ", 'Z'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<String> {
        View::decode(text).map(|view| view.text)
    }

    #[test]
    fn encodings_are_decoded_also_inside_each_other() {
        for (text, expected) in [
            ("PWD%3Da", "PWD=a"),
            ("PWD%253Da", "PWD=a"),
            ("pass\\u0077ord", "password"),
            ("ｐａｓｓword", "password"),
            ("pаsswоrd", "password"),
            ("pass\u{200b}word", "password"),
            (r#"[(\"password\", \"a\")]"#, r#"[("password", "a")]"#),
        ] {
            assert_eq!(decoded(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["plain", "100%", "%zz", "a\\n", "über", "%C3%BC", "\\u12"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_encoded_text() {
        let text = "ü%3Da%253Db";
        let view = View::decode(text).unwrap();
        let place = view.text.find("a=b").unwrap();
        assert_eq!(&text[view.source(&(place..place + 3))], "a%253Db");
        assert_eq!(&text[view.source(&(place + 2..place + 3))], "b");
    }
}
