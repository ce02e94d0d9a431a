//! Secrets that a blank separates from what names them: options of command lines, schemes of
//! headers, words of `.netrc`.

use super::names::{NameClass, classify};
use super::redaction::Secrets;
use super::values::{is_empty_or_bool, is_file_path, is_number, is_opaque};

/// Commands whose `-p` is a password; of the first ones it is joined to it.
const JOINED_PASSWORD_COMMANDS: &[&str] = &[
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "mariadb-dump",
    "mysqlimport",
    "sshpass",
    "7z",
];
const SEPARATE_PASSWORD_COMMANDS: &[&str] = &[
    "docker",
    "podman",
    "helm",
    "nerdctl",
    "sshpass",
    "mongo",
    "mongosh",
    "mongodump",
];

/// Schemes of the header `Authorization`.
const AUTHENTICATION_SCHEMES: &[&str] = &["bearer", "basic", "token", "apikey", "ssws", "splunk"];

/// Finds them word by word.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let mut joined_password = false;
    let mut separate_password = false;
    let mut auth_option = false;
    let mut netrc = false;
    let mut previous = "";
    for word in Words::new(text) {
        let bare = word.text;
        let command = bare.rsplit('/').next().unwrap_or(bare);
        joined_password |= JOINED_PASSWORD_COMMANDS.contains(&command);
        separate_password |= SEPARATE_PASSWORD_COMMANDS.contains(&command);
        auth_option |= command == "redis-cli";
        netrc |= previous == "machine" || previous == "login";
        let hidden = if is_secret_option(previous)
            || (previous == "-p" && separate_password)
            || (previous == "-a" && auth_option)
            || (netrc && matches!(previous, "password" | "account"))
        {
            (!bare.starts_with('-') && !is_empty_or_bool(bare) && !is_file_path(bare)).then_some(0)
        } else if AUTHENTICATION_SCHEMES
            .iter()
            .any(|s| previous.eq_ignore_ascii_case(s))
        {
            is_opaque(bare).then_some(0)
        } else if matches!(previous, "-u" | "--user" | "--proxy-user" | "-U") {
            let password = bare
                .split_once(':')
                .filter(|(_, password)| !is_number(password));
            password.map(|(user, _)| user.len() + 1)
        } else if joined_password && bare.starts_with("-p") && !bare.contains('=') {
            Some("-p".len())
        } else {
            None
        };
        if let Some(skip) = hidden {
            secrets.push(word.start + skip..word.end_with_blanks(text));
        }
        previous = bare;
    }
}

/// `--password` and `-token`, whose value is the next word.
fn is_secret_option(word: &str) -> bool {
    let name = word.trim_start_matches('-');
    word.starts_with('-')
        && name.len() > 1
        && !name.contains(['=', ':'])
        && classify(name) == NameClass::Secret
}

/// A word of a command line, without the quote before it.
struct CommandWord<'t> {
    start: usize,
    text: &'t str,
    quote: Option<char>,
}

impl CommandWord<'_> {
    /// The end of the word, or of the quotation that it begins.
    fn end_with_blanks(&self, text: &str) -> usize {
        let rest = &text[self.start..];
        let end = self
            .quote
            .map(|quote| rest.find(quote).unwrap_or(rest.len()));
        self.start + end.unwrap_or(self.text.len())
    }
}

/// The words of a text, separated by white space, quotes and brackets.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = CommandWord<'t>;

    fn next(&mut self) -> Option<CommandWord<'t>> {
        let is_quote = |c: &char| "\"'`".contains(*c);
        let rest = &self.text[self.at..];
        let skipped = rest.find(|c: char| !c.is_whitespace() && !"\"'`,[](){}".contains(c))?;
        let start = self.at + skipped;
        let rest = &self.text[start..];
        let length = rest.find(|c: char| c.is_whitespace() || "\"'`".contains(c));
        let length = length.unwrap_or(rest.len());
        let quote = self.text[self.at..start]
            .chars()
            .next_back()
            .filter(is_quote);
        self.at = start + length;
        Some(CommandWord {
            start,
            text: &rest[..length],
            quote,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Secrets::redact_found_by(find, text)
    }

    #[test]
    fn values_of_secret_options_are_hidden() {
        for (text, shown) in [
            ("restic --token abc backup", "restic --token ****** backup"),
            ("x --password 'a b' -v", "x --password '******' -v"),
            ("mysql -pabc -u root", "mysql -p****** -u root"),
            ("sh -c 'mysqldump -pabc'", "sh -c 'mysqldump -p******'"),
            (
                "docker login -u a -p abc r",
                "docker login -u a -p ****** r",
            ),
            (
                "curl -u admin:abc http://h",
                "curl -u admin:****** http://h",
            ),
            (
                "-H Authorization: Bearer aB",
                "-H Authorization: Bearer ******",
            ),
            (
                "machine h login u password p",
                "machine h login u password ******",
            ),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn ordinary_options_are_shown() {
        for text in [
            "mkdir -p /a/b",
            "docker run -u 1000:1000 x",
            "--password-command 'cat x'",
            "--token-file /run/t",
            "--token --verbose",
            "a bearer of news",
            "the password is secret",
            "--",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
