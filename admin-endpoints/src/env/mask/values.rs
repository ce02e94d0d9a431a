//! What a value looks like, whatever its name.

/// Whether nothing would be hidden: an empty value, a truth value or a placeholder of another one.
pub(super) fn is_empty_or_bool(value: &str) -> bool {
    let value = value.trim();
    let words = ["true", "false", "yes", "no", "on", "off", "none", "null"];
    value.is_empty() || value == "-" || words.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// A number such as a limit or a count.
pub(super) fn is_number(value: &str) -> bool {
    !value.is_empty()
        && value.bytes().any(|b| b.is_ascii_digit())
        && value
            .bytes()
            .all(|b| b.is_ascii_digit() || b".-+_".contains(&b))
}

/// Fingerprints or identifiers of OpenPGP keys.
pub(super) fn is_fingerprints(value: &str) -> bool {
    let mut words = value
        .split([' ', ',', '\n'])
        .filter(|word| !word.is_empty());
    words.all(|word| {
        let digits = word.strip_prefix("0x").unwrap_or(word);
        [8, 16, 40].contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// A key that everyone may have: of a service for browsers, of SSH, of a certificate.
pub(super) fn is_public_key(value: &str) -> bool {
    [
        "pk_live_",
        "pk_test_",
        "sb_publishable_",
        "ssh-rsa AAAA",
        "ssh-ed25519 AAAA",
        "ecdsa-sha2-nistp",
        "-----BEGIN PUBLIC KEY",
        "-----BEGIN PGP PUBLIC KEY",
        "-----BEGIN CERTIFICATE",
        "age1",
    ]
    .iter()
    .any(|start| value.starts_with(start))
        && !value.contains("PRIVATE KEY")
}

/// A number with a unit: `15m`, `100mb`.
fn is_quantity(value: &str) -> bool {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    digits.len() < value.len() && value.len() - digits.len() <= 3 && is_number(digits)
}

/// The path of a file: absolute or relative to the home directory, with a usual first directory
/// or a usual last extension.
pub(super) fn is_file_path(value: &str) -> bool {
    let unix = value.starts_with('/') || value.starts_with("~/") || value.starts_with("./");
    let windows = value.as_bytes().get(1..3) == Some(b":\\");
    // Other paths need a directory and a usual extension.
    let relative = !unix && !windows && value.split('/').count() > 1 && !value.starts_with('.');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/\\:._-~@{}$ ".contains(&b);
    if !(unix || windows || relative) || !value.bytes().all(plain) || value.contains("//") {
        return false;
    }
    let extension = value.rsplit(['/', '\\']).next().and_then(|file| {
        let (_, extension) = file.rsplit_once('.')?;
        Some(extension)
    });
    windows
        || (unix && !value.starts_with('/'))
        || (unix
            && value.len() > 1
            && value
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b"/_-.".contains(&b)))
        || value
            .split('/')
            .nth(1)
            .is_some_and(|first| unix && ROOT_DIRECTORIES.contains(&first))
        || extension.is_some_and(|found| FILE_EXTENSIONS.contains(&found))
}

/// Whether a value is more than ordinary words: it has digits among letters, capitals among small
/// letters or capitals only.
pub(super) fn is_opaque(value: &str) -> bool {
    if value.is_empty()
        || is_number(value)
        || is_quantity(value)
        || is_file_path(value)
        || is_empty_or_bool(value)
    {
        return false;
    }
    let ordinary = |c: char| c.is_lowercase() || " _-./:,@".contains(c);
    !value.chars().all(ordinary)
}

/// Whether a run of letters and digits looks drawn at random: all kinds of characters, mixed.
pub(super) fn is_random(run: &str) -> bool {
    let mut classes = [0_usize; 3];
    let (mut digit_groups, mut small_run, mut longest_small_run) = (0, 0, 0);
    let mut after_digit = false;
    for byte in run.bytes() {
        small_run = if byte.is_ascii_lowercase() {
            small_run + 1
        } else {
            0
        };
        longest_small_run = longest_small_run.max(small_run);
        digit_groups += usize::from(byte.is_ascii_digit() && !after_digit);
        after_digit = byte.is_ascii_digit();
        match byte {
            b'0'..=b'9' => classes[0] += 1,
            b'a'..=b'z' => classes[1] += 1,
            b'A'..=b'Z' => classes[2] += 1,
            _ => {}
        }
    }
    classes.iter().all(|count| *count >= 2) && digit_groups >= 3 && longest_small_run <= 6
}

const ROOT_DIRECTORIES: &[&str] = &[
    "etc",
    "var",
    "run",
    "home",
    "root",
    "usr",
    "opt",
    "tmp",
    "mnt",
    "media",
    "srv",
    "proc",
    "sys",
    "dev",
    "app",
    "apps",
    "secrets",
    "secret",
    "data",
    "config",
    "certs",
    "credentials",
    "Users",
    "private",
    "workspace",
    "vault",
];

const FILE_EXTENSIONS: &[&str] = &[
    "json",
    "pem",
    "key",
    "txt",
    "crt",
    "cer",
    "p12",
    "pfx",
    "jks",
    "yaml",
    "yml",
    "conf",
    "ini",
    "cfg",
    "env",
    "token",
    "pub",
    "keytab",
    "jwt",
    "toml",
    "properties",
    "gpg",
    "asc",
    "sock",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_files_are_told_from_base64() {
        for path in [
            "/etc/ssl/client.key",
            "/run/secrets/db",
            "~/.ssh/id_rsa",
            "/opaque/key.pem",
            "/acme-keys/signing_key",
            "C:\\keys\\app.pfx",
            "certs/a/b.key",
        ] {
            assert!(is_file_path(path), "{path}");
        }
        for other in ["/9j+4AAQSkZJRg==", "/abc+def", "abc/def", "/aB3/x", "", "/"] {
            assert!(!is_file_path(other), "{other}");
        }
    }

    #[test]
    fn ordinary_words_are_not_opaque() {
        for word in [
            "basic",
            "created_at",
            "a-b.c:d",
            "42",
            "true",
            "/etc/x.key",
            "15m",
            "100MB",
            "",
        ] {
            assert!(!is_opaque(word), "{word}");
        }
        for secret in ["FAKE", "pa55", "aB", "x=y"] {
            assert!(is_opaque(secret), "{secret}");
        }
    }

    #[test]
    fn random_runs_are_told_from_names() {
        assert!(is_random("wJ4lrXUtnFEMI/K7MDENG/bPxRfiCYEXA3PLEKEY"));
        for name in [
            "ffac537e6cbbf934b08745a378932722df287a53",
            "AbstractSingletonProxyFactoryBean2Impl3Test4",
            "cache-7d4b9c6f5-x2x9k",
        ] {
            assert!(!is_random(name), "{name}");
        }
    }
}
