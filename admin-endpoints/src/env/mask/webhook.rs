//! Addresses whose path is a secret: whoever knows it may send messages.

use super::redaction::Secrets;
use super::values::is_opaque;

/// What precedes the secret path of well-known services.
const SECRET_PATH_MARKERS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "api.telegram.org/bot",
    ".webhook.office.com/webhookb2/",
    "outlook.office.com/webhook/",
    "hooks.zapier.com/hooks/catch/",
    "maker.ifttt.com/trigger/",
    "/open-apis/bot/v2/hook/",
    "events.pagerduty.com/integration/",
];

/// Directories below which the segments that are not plain words are secret.
const DIRECTORIES: &[&str] = &["/hooks/", "/hook/", "/webhook/", "/webhooks/"];

/// Shorter segments of a path are version numbers and similar words.
const MIN_SECRET_SEGMENT_BYTES: usize = 6;

/// Finds secret paths.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    if !text.contains('/') || !may_have_marker(text) {
        return;
    }
    for known in SECRET_PATH_MARKERS {
        for_each_path(text, known, |start, end| secrets.push(start..end));
    }
    for directory in DIRECTORIES {
        for_each_path(text, directory, |start, end| {
            find_segments(text, start, end, secrets)
        });
    }
}

/// False for most texts, which take one or two searches then: each marker has a dot or this word.
fn may_have_marker(text: &str) -> bool {
    text.contains('.') || text.contains("hook")
}

/// Calls back with where each path behind a marker starts and ends.
fn for_each_path(text: &str, marker: &str, mut found: impl FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(next) = text[at..].find(marker) {
        let start = at + next + marker.len();
        at = start + end_of_path(&text[start..]);
        found(start, at);
    }
}

/// Finds the secret segments of the value of a variable that is the address of a webhook.
pub(super) fn find_whole(text: &str, secrets: &mut Secrets) {
    if let Some(scheme) = text.find("://") {
        let host = scheme + "://".len();
        if let Some(path) = text[host..].find('/') {
            find_segments(text, host + path, text.len(), secrets);
        }
    }
}

fn find_segments(text: &str, start: usize, end: usize, secrets: &mut Secrets) {
    let mut at = start;
    for segment in text[start..end].split_inclusive(['/', '?', '=', '&', ' ', ',']) {
        let bare = segment.trim_end_matches(['/', '?', '=', '&', ' ', ',']);
        let names_a_value = segment.ends_with('=');
        if bare.len() >= MIN_SECRET_SEGMENT_BYTES && is_opaque(bare) && !names_a_value {
            secrets.push(at..at + bare.len());
        }
        at += segment.len();
    }
}

fn end_of_path(rest: &str) -> usize {
    let is_end = |c: char| c.is_whitespace() || "?#\"'<>`,;\\".contains(c);
    rest.find(is_end).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Secrets::redact_found_by(find, text)
    }

    #[test]
    fn each_marker_is_searched_for() {
        for marker in SECRET_PATH_MARKERS.iter().chain(DIRECTORIES) {
            assert!(may_have_marker(marker), "{marker}");
        }
    }

    #[test]
    fn secret_paths_are_hidden() {
        for (text, shown) in [
            (
                "https://hooks.slack.com/services/T/B/x",
                "https://hooks.slack.com/services/******",
            ),
            (
                "https://chat.example/hooks/9aB8cD?x=1",
                "https://chat.example/hooks/******?x=1",
            ),
            (
                "https://api.telegram.org/bot1:AA/send",
                "https://api.telegram.org/bot******",
            ),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn plain_paths_are_shown() {
        for text in [
            "https://ci.example/webhooks/github",
            "/usr/share/git/hooks/pre-commit",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
