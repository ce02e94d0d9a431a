//! Private keys in PEM and its relatives, whole or cut off.

use super::redaction::Secrets;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The first line of a PuTTY key, which has no footer: all that follows is secret.
const PUTTY_HEADER: &str = "PuTTY-User-Key-File-";

/// Finds what is between the header and the footer of each block that is not public.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let mut at = 0;
    while let Some(found) = text[at..].find(BEGIN) {
        let label_start = at + found + BEGIN.len();
        let Some(label_end) = text[label_start..]
            .find(DASHES)
            .map(|end| label_start + end)
        else {
            break;
        };
        let body = label_end + DASHES.len();
        let end = text[body..].find(END).map_or(text.len(), |end| body + end);
        let label = &text[label_start..label_end];
        if label.contains("PRIVATE") || label.contains("SECRET") {
            secrets.push(body..end);
        }
        at = end;
    }
    if let Some(found) = text.find(PUTTY_HEADER) {
        secrets.push(found + PUTTY_HEADER.len()..text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Secrets::redact_found_by(find, text)
    }

    #[test]
    fn private_keys_lose_their_body() {
        for (text, shown) in [
            (
                "-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----\n",
                "-----BEGIN EC PRIVATE KEY-----******-----END EC PRIVATE KEY-----\n",
            ),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl",
                "-----BEGIN OPENSSH PRIVATE KEY-----******",
            ),
            (
                "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ\n-----END PGP",
                "-----BEGIN PGP PRIVATE KEY BLOCK-----******-----END PGP",
            ),
            ("PuTTY-User-Key-File-3: ssh", "PuTTY-User-Key-File-******"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn certificates_and_public_keys_are_shown() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\nMIIB",
            "-----BEGIN ",
            "-----END -----BEGIN ",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
