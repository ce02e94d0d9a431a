//! The command line of the process, without secrets.

use crate::env::EnvConfig;

/// The arguments, separated by NUL as Go's tools expect it. `bytes` is `/proc/self/cmdline`.
pub(super) fn shown(bytes: &[u8], config: &EnvConfig) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\0');
    // A secret may be the argument after the one that names it.
    let line = text.replace('\0', " ");
    let masked = config.mask("", &line);
    if masked == line {
        text.to_owned()
    } else {
        masked.replace(' ', "\0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_command_line_are_masked() {
        let config = EnvConfig::new();
        let plain = b"server\0--bind\0localhost:80\0two words\0";
        assert_eq!(
            shown(plain, &config),
            "server\0--bind\0localhost:80\0two words"
        );
        for secret in [
            &b"server\0--password=hunter2hunter2\0"[..],
            b"server\0--password\0hunter2hunter2\0",
            b"server\0postgres://me:hunter2hunter2@db/x\0",
        ] {
            let text = shown(secret, &config);
            assert!(text.starts_with("server\0"), "{text:?}");
            assert!(!text.contains("hunter2"), "{text:?}");
        }
        assert_eq!(shown(b"", &config), "");
    }
}
