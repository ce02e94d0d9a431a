//! `user:password`, alone or before `@host`, without the scheme of a URL.

use super::redaction::Secrets;
use super::values::{is_number, is_opaque};

/// Longer ones are not looked at, so that a text of `@` takes linear time.
const MAX_LOGIN_BYTES: usize = 256;

/// First words of texts with a `:` and an `@` that are not users.
const NON_USER_WORDS: &[&str] = &[
    "npm",
    "pkg",
    "file",
    "sip",
    "sips",
    "acct",
    "ssh",
    "urn",
    "xmpp",
    "workspace",
    "http",
    "https",
    "docker",
    "unix",
];

/// What follows the `@` of a versioned or typed package and of a digest.
const NON_HOST_PREFIXES: &[&str] = &["sha256:", "sha512:", "aar", "jar", "zip", "pom", "latest"];

/// Prefixes before the user.
const PREFIXES: &[&str] = &["mailto:", "jdbc:oracle:thin:", "jdbc:oracle:oci:", "smtp:"];

/// Finds the password of every `user:password@host`.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    find_pgpass(text, secrets);
    for (at_sign, _) in text.match_indices('@') {
        let mut from = at_sign.saturating_sub(MAX_LOGIN_BYTES);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let before = &text[from..at_sign];
        let is_border = |c: char| c.is_whitespace() || "\"'`=,<(".contains(c);
        let login = before.rsplit(is_border).next().unwrap_or(before);
        if login.contains("//")
            || NON_HOST_PREFIXES
                .iter()
                .any(|h| text[at_sign + 1..].starts_with(h))
        {
            continue;
        }
        let oracle = login.starts_with("jdbc:oracle:");
        let login = PREFIXES
            .iter()
            .find_map(|p| login.strip_prefix(p))
            .unwrap_or(login);
        let oracle = oracle || text[at_sign + 1..].starts_with("//");
        let separator = if oracle { '/' } else { ':' };
        if let Some((user, password)) = login.split_once(separator)
            && is_user(user)
            && is_password(password, &text[at_sign + 1..])
        {
            secrets.push(at_sign - password.len()..at_sign);
        }
    }
}

/// Finds the password of each line of a `.pgpass` file: `host:port:database:user:password`.
fn find_pgpass(text: &str, secrets: &mut Secrets) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        let mut fields = line.trim_end().splitn(5, ':');
        let first: [&str; 4] = std::array::from_fn(|_| fields.next().unwrap_or(""));
        if let Some(password) = fields.next()
            && is_pgpass(first)
            && !password.is_empty()
        {
            secrets.push(end - password.len()..end);
        }
        start += line.len();
    }
}

fn is_pgpass([host, port, database, user]: [&str; 4]) -> bool {
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"_.-*".contains(&b);
    let names = [host, database, user];
    // All of an IPv6 address is hexadecimal.
    let is_hex = |name: &str| name.bytes().all(|b| b.is_ascii_hexdigit());
    (port == "*" || ((2..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit())))
        && names
            .iter()
            .all(|name| !name.is_empty() && name.bytes().all(in_name))
        && !names.iter().all(|name| is_hex(name))
}

/// The password in the whole of a text, if it is `user:password` and not a host with its port.
pub(super) fn find_whole(text: &str, secrets: &mut Secrets) {
    if let Some((user, password)) = text.split_once(':')
        && is_user(user)
        && !password.starts_with("//")
        && !is_number(password)
    {
        secrets.push(user.len() + 1..text.len());
    }
}

fn is_user(user: &str) -> bool {
    let in_user = |b: u8| b.is_ascii_alphanumeric() || b"_.+-%\\$".contains(&b);
    (1..=64).contains(&user.len()) && user.bytes().all(in_user) && !NON_USER_WORDS.contains(&user)
}

/// Whether a password and a host follow: a plain word needs a host with a port, a path or brackets.
fn is_password(password: &str, host: &str) -> bool {
    if password.is_empty() || password.contains('/') {
        return false;
    }
    let in_host = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let end = host.find(|c| !in_host(c)).unwrap_or(host.len());
    let certain = host.starts_with("//")
        || host[end..].starts_with([':', '/', '('])
        || (end == 0 && host.starts_with('['));
    certain || (end > 0 && is_opaque(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Secrets::redact_found_by(find, text)
    }

    #[test]
    fn passwords_before_hosts_are_hidden() {
        for (text, shown) in [
            ("u:p@tcp(h:3306)/db", "u:******@tcp(h:3306)/db"),
            ("u:p@/db", "u:******@/db"),
            (
                "# x\nh:5432:*:u:p:q\n*:*:*:v:r",
                "# x\nh:5432:*:u:******\n*:*:*:v:******",
            ),
            ("scott/t1ger@//h:1521/X", "scott/******@//h:1521/X"),
            (
                "oauth2accesstoken:AbC@gcr.io",
                "oauth2accesstoken:******@gcr.io",
            ),
            ("mailto:u:P4ss@h", "mailto:u:******@h"),
            (
                "jdbc:oracle:thin:scott/t1ger@h:1521/X",
                "jdbc:oracle:thin:scott/******@h:1521/X",
            ),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn other_texts_with_an_at_sign_are_shown() {
        for text in [
            "git@github.com:acme/app.git",
            "registry:5000/app@sha256:0123",
            "app:v1.2@sha256:0123",
            "npm:pkg@1.2.3",
            "contact:ada@example.com",
            "local/host:@/tmp/.ICE-unix/1,unix/host:/tmp/.ICE-unix/1",
            "com.x:lib:1.0@aar",
            "2001:10:a:b:c",
            "/bin:80:a:b:c",
            "@",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
