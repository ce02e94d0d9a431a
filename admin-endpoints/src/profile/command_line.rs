//! The command line of the process, without secrets.

use std::borrow::Cow;

use crate::env::EnvConfig;

/// What the rules of `/env` write in place of a secret.
const MASKED: &str = "******";

/// Replaces what separates words, so that an argument is one word for rules that look at the words
/// before it. It is not a letter, a digit or a blank.
const WORD_SEPARATOR_REPLACEMENT: char = '\u{e000}';

/// Stands for an argument that is masked already.
const MASKED_WORD: &str = "x";

/// The arguments, separated by NUL as Go's tools expect it. `bytes` is `/proc/self/cmdline`: each
/// argument ends with NUL.
///
/// Every argument stays, also an empty one, and each is masked by itself.
pub(super) fn shown(bytes: &[u8], config: &EnvConfig) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_suffix('\0').unwrap_or(&text);
    let mut previous = None;
    let arguments = text.split('\0').map(|argument| {
        let masked = masked(argument, previous, config);
        previous = Some(argument);
        masked
    });
    masked_in_context(arguments.collect(), config).join("\0")
}

/// One argument, given the one before it.
fn masked<'a>(argument: &'a str, previous: Option<&str>, config: &EnvConfig) -> Cow<'a, str> {
    let is_value = previous.and_then(option_name).is_some_and(|name| {
        !is_option(argument) && argument != MASKED && config.mask(name, argument) == MASKED
    });
    if is_value {
        return Cow::Borrowed(MASKED);
    }
    if let Some((name, value)) = argument.split_once(['=', ':'])
        && is_name(name)
        && config.mask(name.trim_start_matches('-'), value) == MASKED
    {
        let before_value = &argument[..argument.len() - value.len()];
        return Cow::Owned(format!("{before_value}{MASKED}"));
    }
    config.mask("", argument)
}

/// What the rules for command lines leave of each argument: `mysql -pSECRET`, `curl -u USER:SECRET`.
fn masked_in_context<'a>(arguments: Vec<Cow<'a, str>>, config: &EnvConfig) -> Vec<Cow<'a, str>> {
    // What is masked already would be joined with the arguments behind it.
    let words: Vec<String> = arguments
        .iter()
        .map(|argument| {
            if argument.contains(MASKED) {
                MASKED_WORD.to_owned()
            } else {
                one_word(argument)
            }
        })
        .collect();
    let line = words.join(" ");
    let masked = config.mask("", &line);
    let masked_words: Vec<&str> = masked.split(' ').collect();
    // If a rule has masked several words as one, it is not known which: all from there on.
    let known = if masked_words.len() == words.len() {
        words.len()
    } else {
        let same = words.iter().zip(&masked_words).take_while(|(a, b)| a == b);
        same.count()
    };
    let arguments = arguments.into_iter().enumerate();
    let left = arguments.map(|(index, argument)| {
        if argument.contains(MASKED) {
            return argument;
        }
        if index >= known {
            return Cow::Borrowed(MASKED);
        }
        let (word, masked) = (&words[index], masked_words[index]);
        match masked.find(MASKED).filter(|_| word != masked) {
            None => argument,
            Some(secret) => {
                let shown = masked[..secret].chars().count();
                let before: String = argument.chars().take(shown).collect();
                Cow::Owned(format!("{before}{MASKED}"))
            }
        }
    });
    left.collect()
}

/// An argument as one word: as many characters, none of which separates words.
fn one_word(argument: &str) -> String {
    let replaced = argument.chars().map(|c| {
        if c.is_whitespace() || "\"'`,[](){}".contains(c) {
            WORD_SEPARATOR_REPLACEMENT
        } else {
            c
        }
    });
    replaced.collect()
}

/// The name of an option whose value is the next argument.
fn option_name(argument: &str) -> Option<&str> {
    let name = argument.trim_start_matches('-');
    (name.len() < argument.len() && is_name(name)).then_some(name)
}

/// Whether an argument is an option and not the value of the one before it: a secret may begin with
/// `-` too.
fn is_option(argument: &str) -> bool {
    if let Some(long) = argument.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or(long);
        let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
        return name.chars().all(is_part);
    }
    argument.len() == 2 && argument.starts_with('-')
}

/// Whether a text can be the name of an option or a variable.
fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_.-".contains(c);
    text.contains(char::is_alphanumeric) && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn arguments(arguments: &[&str]) -> Vec<String> {
        let bytes: String = arguments.iter().map(|a| format!("{a}\0")).collect();
        let text = shown(bytes.as_bytes(), &EnvConfig::new());
        text.split('\0').map(str::to_owned).collect()
    }

    #[test]
    fn secrets_of_the_command_line_are_masked() {
        for (secret, masked) in [
            (
                &["server", "--password=hunter2hunter2"][..],
                &["server", "--password=******"][..],
            ),
            (
                &["server", "--password", "hunter2hunter2"],
                &["server", "--password", "******"],
            ),
            (
                &["server", "postgres://me:hunter2hunter2@db/x"],
                &["server", "postgres://me:******@db/x"],
            ),
            (
                &["p", "--password", "correct horse battery", "-v"],
                &["p", "--password", "******", "-v"],
            ),
            (
                &["p", "--name", "Jane Doe", "--token", "abc", "", ""],
                &["p", "--name", "Jane Doe", "--token", "******", "", ""],
            ),
            (
                &["p", "--secret=a b", "--mysql-password", "x;y z"],
                &["p", "--secret=******", "--mysql-password", "******"],
            ),
            (
                &["p", "--passphrase", "it's me"],
                &["p", "--passphrase", "******"],
            ),
            (
                &["p", "--token", "-x3 y", "--password", "--verbose"],
                &["p", "--token", "******", "--password", "--verbose"],
            ),
            (
                &["env", "DB_PASSWORD=a\tb\nc", "p"],
                &["env", "DB_PASSWORD=******", "p"],
            ),
            (
                &["mysql", "-uroot", "-pa b", "db"],
                &["mysql", "-uroot", "-p******", "db"],
            ),
            (
                &["curl", "-u", "admin:it's me", "http://h"],
                &["curl", "-u", "admin:******", "http://h"],
            ),
        ] {
            assert_eq!(arguments(secret), masked);
        }
    }

    #[test]
    fn arguments_without_secrets_are_shown() {
        for plain in [
            &["server", "--bind", "localhost:80", "two words"][..],
            &[
                "server",
                "",
                "--name",
                "",
                "--",
                "it's",
                "{\"a\": [1, 2]}",
                "",
            ],
            &["", "a b", "\t"],
        ] {
            assert_eq!(arguments(plain), plain);
        }
        assert_eq!(shown(b"", &EnvConfig::new()), "");
        let secret = b"p\0--token\0a b\0";
        let config = EnvConfig::new().show_secrets();
        assert_eq!(shown(secret, &config), "p\0--token\0a b");
    }

    proptest! {
        #[test]
        fn a_secret_argument_is_masked_whole(
            before in prop::collection::vec("[ -~\t\n]{0,12}", 0..4),
            secret in "[ -~\t\r\n]{0,20}",
            after in prop::collection::vec("[ -~\t\n]{0,12}", 0..4),
            is_joined: bool,
        ) {
            // Not an option, a truth value or a path.
            let secret = format!("Zq7{secret}");
            let mut line: Vec<&str> = before.iter().map(String::as_str).collect();
            let joined = format!("--db-password={secret}");
            if is_joined {
                line.push(&joined);
            } else {
                line.extend(["--db-password", &secret]);
            }
            let at = line.len() - 1;
            line.extend(after.iter().map(String::as_str));
            let found = arguments(&line);
            prop_assert_eq!(found.len(), line.len());
            let expected = if is_joined { "--db-password=******" } else { MASKED };
            prop_assert!(found[at] == expected || found[at] == MASKED, "{:?}", found);
        }
    }
}
