//! Secrets that a blank separates from what names them: options of command lines, schemes of
//! headers, words of `.netrc`.

use super::command_kinds::{CommandKind, directive_words};
use super::command_options::{OPTIONS, PIPED_PASSWORD_READERS, SECRET_OPTIONS};
use super::names::{NameClass, classify};
use super::redaction::Secrets;
use super::values::{is_empty_or_bool, is_file_path, is_number, is_opaque};

/// Schemes of the header `Authorization`.
const AUTHENTICATION_SCHEMES: &[&str] = &["bearer", "basic", "token", "apikey", "ssws", "splunk"];

/// How far a command that reads a password from a pipe may be from it.
const MAX_PIPE_DISTANCE: usize = 32;

/// Finds them word by word.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let mut command = Command::default();
    let mut previous = "";
    for word in Words::new(text) {
        let bare = word.text;
        let begins = command.begin(text, &word, previous);
        let hidden = if begins {
            None
        } else {
            command.secret(text, &word, previous)
        };
        if let Some(skip) = hidden {
            secrets.push(word.start + skip..word.end_with_blanks(text));
        }
        previous = bare;
    }
}

/// What is known of the command line so far.
#[derive(Default)]
struct Command {
    /// What the commands so far have in common.
    kind: CommandKind,
    netrc: bool,
    /// `net use` of Windows.
    net_use: bool,
    /// How many words of `-u user` there were just before.
    user_words: u8,
    /// Whether the last `-p` was directly behind `-u user`.
    after_user: bool,
    /// What is left of the words of a directive.
    directive: usize,
}

impl Command {
    /// Whether the word is a command with options of its own.
    fn begin(&mut self, text: &str, word: &CommandWord<'_>, previous: &str) -> bool {
        let before = text[..word.start].trim_end_matches([' ', '\t']);
        if before.ends_with(['|', ';', '&']) {
            *self = Self::default();
        }
        let name = word.text.rsplit('/').next().unwrap_or(word.text);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let kind = CommandKind::from_name(name);
        if let Some(kind) = kind {
            self.kind.add(kind);
        }
        self.net_use |=
            word.text.eq_ignore_ascii_case("use") && previous.eq_ignore_ascii_case("net");
        self.netrc |= matches!(previous, "machine" | "login" | "username");
        if word.text.eq_ignore_ascii_case("-p") {
            self.after_user = self.user_words == 2;
        }
        self.user_words = match word.text {
            "-u" | "-U" | "--user" | "--username" => 1,
            _ if self.user_words == 1 => 2,
            _ => 0,
        };
        self.directive = self.directive.saturating_sub(1);
        if let Some(words) = directive_words(word.text) {
            self.directive = words + 1;
        }
        kind.is_some() && !previous.starts_with('-')
    }

    fn is_password_option(&self, option: &str) -> bool {
        let rows = self.kind.option_rows;
        let mut all = OPTIONS.iter().enumerate();
        rows != 0
            && all.any(|(row, (_, options))| rows & (1 << row) != 0 && options.contains(&option))
    }

    /// How much of the word is shown before the secret in it, if there is one.
    fn secret(&self, text: &str, word: &CommandWord<'_>, previous: &str) -> Option<usize> {
        let bare = word.text;
        if is_secret_option(previous)
            || self.is_password_option(previous)
            || (self.netrc && matches!(previous, "password" | "account" | "secret"))
            || (self.after_user && matches!(previous, "-p" | "-P") && !is_ports(bare))
            || (previous.starts_with(':') && word.quote.is_some() && is_secret_keyword(previous))
        {
            return is_password(bare).then_some(0);
        }
        if self.directive == 1 {
            return is_password(bare).then_some(0);
        }
        if AUTHENTICATION_SCHEMES
            .iter()
            .any(|s| previous.eq_ignore_ascii_case(s))
        {
            return is_opaque(bare.trim_end_matches([';', '.', '!', '?'])).then_some(0);
        }
        let is_user_option = matches!(previous, "-u" | "--user" | "--proxy-user" | "-U" | "--auth")
            || (self.kind.login && previous == "-a");
        if is_user_option {
            let separators: &[char] = if previous == "-U" {
                &[':', '%']
            } else {
                &[':', ',']
            };
            let (user, password) = bare.split_once(separators)?;
            return (!is_number(password)).then_some(user.len() + 1);
        }
        if let Some((option, value)) = bare.split_once('=')
            && self.is_password_option(option)
        {
            return is_password(value).then_some(option.len() + 1);
        }
        if self.kind.joined_password && bare.starts_with("-p") && !bare.contains('=') {
            return Some("-p".len());
        }
        if self.kind.slash_login && !bare.starts_with(['/', '-', '@']) {
            let (user, password) = bare.split_once('/')?;
            return (!password.is_empty()).then_some(user.len() + 1);
        }
        if self.net_use && !previous.eq_ignore_ascii_case("net") && !is_net_use_word(bare) {
            return Some(0);
        }
        // Options of Windows: `/p:secret`.
        if bare.starts_with("/p:") {
            return Some("/p:".len());
        }
        let is_piped = matches!(previous, "echo" | "printf") && {
            let rest = &text[word.end_with_blanks(text)..];
            let limit = rest.floor_char_boundary(MAX_PIPE_DISTANCE);
            let readers = &mut PIPED_PASSWORD_READERS.iter();
            rest[..limit]
                .split_once('|')
                .is_some_and(|(_, reader)| readers.any(|r| reader.trim_start().starts_with(r)))
        };
        is_piped.then_some(0)
    }
}

/// Whether a word after an option is its value, and not nothing, another option or a file.
fn is_password(word: &str) -> bool {
    !word.starts_with('-') && !is_empty_or_bool(word) && !is_file_path(word)
}

/// What `net use` has beside a password: a device, a share, an option, `*`.
fn is_net_use_word(word: &str) -> bool {
    word.starts_with(['/', '\\', '*']) || word.ends_with(':')
}

/// `8080:80`
fn is_ports(word: &str) -> bool {
    word.bytes()
        .all(|b| b.is_ascii_digit() || b":.-/".contains(&b))
}

/// `:password` of Lisp and Clojure.
fn is_secret_keyword(word: &str) -> bool {
    classify(word.trim_start_matches(':')) == NameClass::Secret
}

/// `--password` and `-token`, whose value is the next word.
fn is_secret_option(word: &str) -> bool {
    if !word.starts_with('-') {
        return false;
    }
    let name = word.trim_start_matches('-');
    name.len() > 1
        && !name.contains(['=', ':'])
        && (classify(name) == NameClass::Secret || SECRET_OPTIONS.contains(&name))
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
        let is_quote = |c: &char| matches!(c, '"' | '\'' | '`');
        let is_border = |c: char| {
            matches!(
                c,
                '"' | '\'' | '`' | ',' | '[' | ']' | '(' | ')' | '{' | '}'
            )
        };
        let rest = &self.text[self.at..];
        let skipped = rest.find(|c: char| !c.is_whitespace() && !is_border(c))?;
        let start = self.at + skipped;
        let rest = &self.text[start..];
        let length = rest.find(|c: char| c.is_whitespace() || is_quote(&c));
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
            (
                "erl -setcookie abc +K true",
                "erl -setcookie ****** +K true",
            ),
            ("az login -u a -p abc -t x", "az login -u a -p ****** -t x"),
            ("sqlplus -s u/abc@db @x.sql", "sqlplus -s u/****** @x.sql"),
            (
                "ldapsearch -x -w abc -b dc=x",
                "ldapsearch -x -w ****** -b dc=x",
            ),
            (
                "smbclient //h/s -U 'a%b c'",
                "smbclient //h/s -U 'a%******'",
            ),
            ("tool --askpass abc -v", "tool --askpass ****** -v"),
            ("echo abc | sudo -S id", "echo ****** | sudo -S id"),
            ("xfreerdp /u:a /p:abc", "xfreerdp /u:a /p:******"),
            ("requirepass abc", "requirepass ******"),
            ("x -u a -p abc cmd", "x -u a -p ****** cmd"),
            ("username a secret abc", "username a secret ******"),
            ("sentinel auth-pass m abc", "sentinel auth-pass m ******"),
            (
                "(:user \"a\" :password \"abc\")",
                "(:user \"a\" :password \"******\")",
            ),
            ("x --password 'a b' -v", "x --password '******' -v"),
            ("mysql -pabc -u root", "mysql -p****** -u root"),
            (
                "/usr/bin/env mysql -uroot -pabc",
                "/usr/bin/env mysql -uroot -p******",
            ),
            (
                "cd /x && mysql -uroot -pabc db",
                "cd /x && mysql -uroot -p****** db",
            ),
            (
                "nice -n 5 mysqldump -uroot -pabc",
                "nice -n 5 mysqldump -uroot -p******",
            ),
            (
                r"net use \\h\s /user:d\u Abc1 /persistent:no",
                r"net use \\h\s /user:d\u ****** /persistent:no",
            ),
            (
                r"net use Z: \\h\s Abc1 /user:u",
                r"net use Z: \\h\s ****** /user:u",
            ),
            (
                "consul agent -server -encrypt aB1+/c==",
                "consul agent -server -encrypt ******",
            ),
            (
                "consul agent -encrypt=aB1+/c== -server",
                "consul agent -encrypt=****** -server",
            ),
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
            "docker run -p 8080:80 x",
            "docker run -u 1000 -p 8080:80 x",
            "sudo -u a mkdir -p b",
            "new token refresh; more",
            "mysql -h h && mkdir -p /a",
            "az vm list; tar -p x",
            "cd a/b && ls c/d",
            "openssl version -k",
            "echo abc | grep b",
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
