//! Files of tokens: what is accepted admits exactly the callers that its lines name, and no message repeats a
//! secret.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use admin_runtime::{AdminServer, Caller, admin_endpoint};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

/// Tokens of one file that are tried.
const TRIED_TOKENS: usize = 6;

/// Secrets that are shorter, or plain words, may be in a message by chance.
const SHORTEST_LOOKED_FOR: usize = 8;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
});

static PATH: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("admin-fuzz-tokens-{}", std::process::id());
    std::env::temp_dir().join(name)
});

#[admin_endpoint(path = "/who")]
async fn who(caller: Caller) -> String {
    caller.to_string()
}

#[admin_endpoint(method = "POST", path = "/change")]
async fn change() {}

#[admin_endpoint(method = "POST", path = "/danger", effect = "dangerous")]
async fn danger() {}

fuzz_target!(|data: &[u8]| {
    fs::write(&*PATH, data).expect("a file");
    let built = AdminServer::builder().token_file(&*PATH).build();
    match (built, str::from_utf8(data)) {
        (Ok(server), Ok(text)) => RUNTIME.block_on(assert_admits(&server, &expected(text))),
        (Ok(_), Err(_)) => panic!("a file that is not text"),
        (Err(error), text) => {
            let [problem] = error.problems() else {
                panic!("{error}")
            };
            assert_withheld(&problem.to_string(), text.unwrap_or_default());
        }
    }
});

/// Name, effect and secret of each line.
fn expected(text: &str) -> Vec<[&str; 3]> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let lines: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let words = |line: &&'_ str| line.split_whitespace().count();
    match lines.as_slice() {
        [word] if words(word) == 1 => vec![["token", "dangerous", word]],
        lines => lines
            .iter()
            .map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words.try_into().expect("three words")
            })
            .collect(),
    }
}

async fn assert_admits(server: &AdminServer, tokens: &[[&str; 3]]) {
    assert!(!tokens.is_empty(), "a file without a token");
    let client = server.test_client();
    for [name, effect, secret] in tokens.iter().take(TRIED_TOKENS) {
        let bearer = format!("Bearer {secret}");
        let reply = client.get("/who").header("authorization", &bearer).await;
        assert_eq!(reply.status(), 200, "{}", reply.text());
        let is_named = reply.text() == *name || reply.text().starts_with(&format!("{name}@"));
        assert!(is_named, "{name:?}: {:?}", reply.text());
        for (target, is_permitted) in [
            ("/change", *effect != "read"),
            ("/danger", *effect == "dangerous"),
        ] {
            let reply = client.post(target).header("authorization", &bearer).await;
            let expected = if is_permitted { 204 } else { 403 };
            assert_eq!(reply.status(), expected, "{effect} {target}");
        }
        let longer = format!("{secret}x");
        if !tokens.iter().any(|[_, _, other]| *other == longer) {
            let bearer = format!("Bearer {longer}");
            let reply = client.get("/who").header("authorization", &bearer).await;
            assert_eq!(reply.status(), 401);
        }
    }
}

/// Names are the first words; all others may be secrets.
fn assert_withheld(message: &str, text: &str) {
    let (_, reason) = message.split_once("): ").expect("a setting and a reason");
    let first_words: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.trim_start_matches('\u{feff}')
                .split_whitespace()
                .next()
        })
        .collect();
    for word in text
        .lines()
        .flat_map(|line| line.split_whitespace().skip(1))
    {
        let is_looked_for = word.len() >= SHORTEST_LOOKED_FOR
            && !word.chars().all(|char| char.is_ascii_alphabetic())
            && !first_words.iter().any(|first| first.contains(word));
        assert!(!(is_looked_for && reason.contains(word)), "{message}");
    }
}
