//! Characters that Unicode has assigned since version 14, the one of CPython 3.11: it shows them as
//! escapes, and the engine as they are.

/// The first and the last one of each block; no character of Unicode 14 is between them.
const LATER: [(u32, u32); 47] = [
    (0x897, 0x897),
    (0xcf3, 0xcf3),
    (0xece, 0xece),
    (0x1b4e, 0x1b4f),
    (0x1b7f, 0x1b7f),
    (0x1c89, 0x1c8a),
    (0x2427, 0x2429),
    (0x2ffc, 0x2fff),
    (0x31e4, 0x31ef),
    (0xa7cb, 0xa7cd),
    (0xa7da, 0xa7dc),
    (0x105c0, 0x105f3),
    (0x10d40, 0x10d8f),
    (0x10ec2, 0x10eff),
    (0x1123f, 0x11241),
    (0x11380, 0x113e2),
    (0x116d0, 0x116e3),
    (0x11b00, 0x11bf9),
    (0x11f00, 0x11f5a),
    (0x1342f, 0x1342f),
    (0x13440, 0x143fa),
    (0x16100, 0x16139),
    (0x16d40, 0x16d79),
    (0x18cff, 0x18cff),
    (0x1b132, 0x1b132),
    (0x1b155, 0x1b155),
    (0x1cc00, 0x1ceb3),
    (0x1d2c0, 0x1d2d3),
    (0x1df25, 0x1df2a),
    (0x1e030, 0x1e08f),
    (0x1e4d0, 0x1e5ff),
    (0x1f6dc, 0x1f6dc),
    (0x1f774, 0x1f77f),
    (0x1f7d9, 0x1f7d9),
    (0x1f8b2, 0x1f8c1),
    (0x1fa75, 0x1fa77),
    (0x1fa87, 0x1fa8f),
    (0x1faad, 0x1faaf),
    (0x1fabb, 0x1fabf),
    (0x1fac6, 0x1facf),
    (0x1fada, 0x1fadf),
    (0x1fae8, 0x1fae9),
    (0x1faf7, 0x1faf8),
    (0x1fbcb, 0x1fbef),
    (0x2b739, 0x2b739),
    (0x2ebf0, 0x2ee5d),
    (0x31350, 0x323af),
];

/// Whether a text has a character that CPython 3.11 does not know.
pub(super) fn has_later(text: &str) -> bool {
    let is_later = |code: u32| {
        let at = LATER.partition_point(|(_, last)| *last < code);
        LATER.get(at).is_some_and(|(first, _)| *first <= code)
    };
    !text.is_ascii() && text.chars().any(|letter| is_later(letter.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_characters_are_found() {
        for text in ["\u{1fae8}", "a\u{897}", "\u{2ebf0}"] {
            assert!(has_later(text), "{text}");
        }
        for text in ["", "a", "é", "日本", "\u{1f600}", "\u{e000}"] {
            assert!(!has_later(text), "{text}");
        }
    }
}
