//! Words that are not plain technical English.

use super::Finding;

/// A sequence of words, and the words that make it harmless when one of them follows or precedes.
struct Phrase {
    words: &'static [&'static str],
    unless_after: &'static [&'static str],
    unless_before: &'static [&'static str],
}

const fn phrase(words: &'static [&'static str]) -> Phrase {
    Phrase {
        words,
        unless_after: &[],
        unless_before: &[],
    }
}

/// "x is no y" for "x is not a y"; "there is no y" and "is no longer" are fine.
const fn is_no(words: &'static [&'static str]) -> Phrase {
    Phrase {
        words,
        unless_after: &["there", "There"],
        unless_before: &["longer", "more"],
    }
}

/// "x stands for y" is fine.
const fn stand(words: &'static [&'static str]) -> Phrase {
    Phrase {
        unless_before: &["for"],
        ..phrase(words)
    }
}

const BANNED: &[Phrase] = &[
    is_no(&["is", "no"]),
    is_no(&["are", "no"]),
    is_no(&["was", "no"]),
    is_no(&["were", "no"]),
    phrase(&["for", "ever"]),
    phrase(&["mend"]),
    phrase(&["mends"]),
    phrase(&["mended"]),
    phrase(&["nursery"]),
    phrase(&["leash"]),
    phrase(&["walls"]),
    phrase(&["lets", "go"]),
    phrase(&["let", "go"]),
    phrase(&["letting", "go"]),
    phrase(&["hands", "over"]),
    phrase(&["hand", "over"]),
    phrase(&["handed", "over"]),
    phrase(&["comes", "to"]),
    phrase(&["come", "to"]),
    stand(&["stands"]),
    stand(&["stand"]),
    phrase(&["lead", "nowhere"]),
    phrase(&["leads", "nowhere"]),
    phrase(&["in", "one", "go"]),
    phrase(&["somebody"]),
    phrase(&["of", "ours"]),
    phrase(&["at", "hand"]),
    phrase(&["all", "the", "same"]),
    phrase(&["taken", "off"]),
    phrase(&["takes", "off"]),
    phrase(&["own", "eyes"]),
    phrase(&["guards", "and", "all"]),
    phrase(&["broken", "out"]),
    phrase(&["headers", "of", "proxies"]),
    phrase(&["handlers", "of", "users"]),
    phrase(&["handlers", "of", "signals"]),
];

/// Each occurrence, also across the lines of a comment.
pub(super) fn banned(text: &str) -> Vec<Finding> {
    let words: Vec<_> = (1..)
        .zip(text.lines())
        .flat_map(|(number, line)| split(line).map(move |word| (number, word)))
        .collect();
    let matches = |at: usize, listed: &[&str]| {
        let word = words.get(at).map(|(_, word)| *word);
        word.is_some_and(|word| listed.contains(&word))
    };
    let mut found = Vec::new();
    for (at, (line, _)) in words.iter().enumerate() {
        for phrase in BANNED {
            let is_here = (at..)
                .zip(phrase.words)
                .all(|(at, word)| matches(at, &[*word]));
            let is_harmless = matches(at + phrase.words.len(), phrase.unless_before)
                || at
                    .checked_sub(1)
                    .is_some_and(|at| matches(at, phrase.unless_after));
            if is_here && !is_harmless {
                found.push(Finding::new(*line, phrase.words.join(" ")));
            }
        }
    }
    found
}

/// An underscore is part of a word, so that names in code are words of their own.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.filter(|word| !word.is_empty())
}
