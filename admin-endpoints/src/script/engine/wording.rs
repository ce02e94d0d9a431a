//! Exception messages as CPython 3.11 words them.

use monty_types::{ExcType, MontyException, StringRepr};

/// `str(e)`; the engine follows a later CPython and names itself in some places.
pub(super) fn message(error: &MontyException) -> String {
    let text = error.message().unwrap_or_default();
    match error.exc_type() {
        ExcType::KeyError => key(text),
        ExcType::SyntaxError => at_line(text, error),
        ExcType::TypeError
            if text.contains(
                "' not supported between instances of 'datetime.datetime' and 'datetime.datetime'",
            ) =>
        {
            "can't compare offset-naive and offset-aware datetimes".to_owned()
        }
        ExcType::TypeError => unhashable(text).to_owned(),
        ExcType::ValueError => unpacked(text),
        ExcType::AttributeError => text
            .trim_end_matches(" and no __dict__ for setting new attributes")
            .to_owned(),
        _ => text.to_owned(),
    }
}

/// `cannot convert 'list' object to bytes`
pub(super) fn is_bytes_of_numbers(text: &str) -> bool {
    let kind = text
        .strip_prefix("cannot convert '")
        .and_then(|rest| rest.strip_suffix("' object to bytes"));
    kind.is_some_and(|kind| ["list", "tuple", "range", "set", "generator"].contains(&kind))
}

/// Whether CPython has an encoding that the engine lacks.
pub(super) fn is_encoding(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', ' '], "-");
    let begins = [
        "latin", "iso-8859", "iso8859", "cp", "windows-", "koi8", "mac", "euc", "shift", "gb",
        "big5",
    ];
    let names = [
        "l1",
        "8859",
        "utf-7",
        "utf-8-sig",
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "us-ascii",
        "646",
    ];
    begins.iter().any(|begin| name.starts_with(begin)) || names.contains(&name.as_str())
}

/// Whether a text shows a function as the engine does: `<function 'f' at 0x0>`. The numbers of the
/// engine are small, those of CPython are addresses.
pub(super) fn shows_function(text: &str) -> bool {
    text.split("<function ").skip(1).any(|rest| {
        let shown = rest.split_once('>').map(|(shown, _)| shown);
        let (name, number) = shown
            .and_then(|shown| shown.split_once(" at 0x"))
            .unwrap_or((shown.unwrap_or_default(), ""));
        let is_named = !name.is_empty() && name.chars().all(|c| !c.is_whitespace());
        is_named && number.len() <= 8 && number.chars().all(|c| c.is_ascii_hexdigit())
            || name.ends_with("' external")
    })
}

/// Whether a text shows an object with its place in the engine, which is a small number.
pub(super) fn shows_place(text: &str) -> bool {
    text.split(" at 0x").skip(1).any(|rest| {
        let number = rest.split('>').next().unwrap_or_default();
        rest.len() > number.len()
            && number.len() <= 8
            && number.chars().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Whether a text shows a live object as the engine does: `App(_engine_live_=True)`.
pub(super) fn shows_live_object(text: &str) -> bool {
    text.contains("_engine_live_=")
}

/// Whether a text shows a list or a dict in itself, which the engine shows once too often.
pub(super) fn shows_itself(text: &str, source: &str) -> bool {
    ["[...]", "{...}"]
        .iter()
        .any(|mark| text.contains(mark) && !source.contains(mark))
}

/// Whether a text shows a value that the engine cuts, since it is nested deeper than calls may be.
pub(super) fn shows_cut(text: &str) -> bool {
    const MIN_DEPTH: usize = 40;
    text.match_indices("...").any(|(at, mark)| {
        let (before, behind) = (&text[..at], &text[at + mark.len()..]);
        let line = before.rsplit('\n').next().unwrap_or(before);
        let opened = line.matches(['[', '(', '{']).count();
        let closed = line.matches([']', ')', '}']).count();
        before.ends_with(['[', '(', '{', ' '])
            && behind.starts_with([']', ')', '}', ','])
            && opened.saturating_sub(closed) >= MIN_DEPTH
    })
}

/// Whether the engine gave up a match of a regular expression.
pub(super) fn is_match_limit(text: &str) -> bool {
    text.starts_with("Error executing regex")
}

/// Whether the words may be the engine's own. The others are changed here.
pub(super) fn has_own_words(error: &MontyException) -> bool {
    matches!(
        error.exc_type(),
        ExcType::TypeError | ExcType::ValueError | ExcType::ZeroDivisionError
    )
}

/// Whether an operation failed that CPython does: the engine's bools are not ints, and it extends a
/// list by a list only.
pub(super) fn is_lack_of_operands(text: &str) -> bool {
    text.starts_with("can only concatenate list (not ")
        || text.contains("'bool'")
            && (text.starts_with("unsupported operand type(s) for ")
                || text.starts_with("bad operand type for "))
}

/// The line of the script, not of the functions that were loaded before it, where it failed.
pub(super) fn line(error: &MontyException) -> Option<usize> {
    let frames = error.traceback().iter().rev();
    let mut frames = frames.filter(|frame| frame.filename != "<python-input-0>");
    frames.next().map(|frame| frame.start.line as usize)
}

/// A missing key is shown by its `repr`. The engine passes on only its text, so that of a string
/// that reads like a number is taken for the number.
fn key(text: &str) -> String {
    let literal = text.parse::<f64>().is_ok()
        || text.starts_with(['(', '\'', '"', '<'])
        || text.starts_with("b'")
        || ["None", "True", "False"].contains(&text);
    if literal {
        text.to_owned()
    } else {
        StringRepr(text).to_string()
    }
}

fn at_line(text: &str, error: &MontyException) -> String {
    match error.traceback().last() {
        Some(frame) => format!("{text} (<string>, line {})", frame.start.line),
        None => text.to_owned(),
    }
}

/// `cannot use 'list' as a dict key (unhashable type: 'list')`
fn unhashable(text: &str) -> &str {
    text.find("(unhashable type: ")
        .and_then(|at| text[at..].strip_prefix('(')?.strip_suffix(')'))
        .unwrap_or(text)
}

/// `too many values to unpack (expected 2, got 3)`
fn unpacked(text: &str) -> String {
    match text.strip_prefix("too many values to unpack (expected ") {
        Some(numbers) => {
            let expected = numbers
                .split(',')
                .next()
                .unwrap_or(numbers)
                .trim_end_matches(')');
            format!("too many values to unpack (expected {expected})")
        }
        None => text.to_owned(),
    }
}

/// What a `NotImplementedError` of the engine names; `None` for one of the script.
pub(super) fn lacking_part(text: &str) -> Option<String> {
    const OTHERS: [&str; 6] = [
        "Counter.fromkeys() is undefined",
        "Field.",
        "cannot reassign read-only module attribute ",
        "dataclass() does not yet support ",
        "matrix multiplication ",
        "str.format attribute access cannot suspend",
    ];
    if let Some((handler, _)) = text.split_once("' error handler is not supported by Monty") {
        let name = handler.rsplit('\'').next().unwrap_or_default();
        return Some(format!("the error handler {name}"));
    }
    if let Some(part) = text.strip_prefix("The monty syntax parser does not yet support ") {
        return Some(format!("the syntax of {part}"));
    }
    let option = text.strip_prefix("dataclass() does not yet support the ");
    if let Some(name) = option.and_then(|rest| rest.strip_suffix(" option")) {
        return Some(format!("the option {name} of dataclass"));
    }
    if let Some(function) = text.strip_suffix(" does not yet support keyword arguments") {
        return Some(format!("these arguments of {function}"));
    }
    let mut others = OTHERS.iter();
    let is_other = text.contains("onty") || others.any(|begin| text.starts_with(begin));
    is_other.then(|| "this operation".to_owned())
}

/// Whether the engine has no room for a function or a script.
pub(super) fn is_too_large(text: &str) -> bool {
    ["function too large: ", "function bytecode too large; "]
        .iter()
        .any(|begin| text.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_cpython_3_11() {
        let cases = [
            (ExcType::KeyError, "b", "'b'"),
            (ExcType::KeyError, "it's", "\"it's\""),
            (ExcType::KeyError, "7", "7"),
            (ExcType::KeyError, "(1, 2)", "(1, 2)"),
            (
                ExcType::TypeError,
                "cannot use 'list' as a dict key (unhashable type: 'list')",
                "unhashable type: 'list'",
            ),
            (
                ExcType::ValueError,
                "too many values to unpack (expected 2, got 3)",
                "too many values to unpack (expected 2)",
            ),
            (
                ExcType::ValueError,
                "not enough values",
                "not enough values",
            ),
        ];
        for (kind, given, expected) in cases {
            assert_eq!(
                message(&MontyException::new(kind, Some(given.into()))),
                expected
            );
        }
    }
}
