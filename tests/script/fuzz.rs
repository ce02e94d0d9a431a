//! Requests made of pieces of Python, of forms and of noise, from a fixed seed, for a while.
//!
//! `SCRIPT_FUZZ_SECONDS` says how long (default 3). What must hold for each: an answer in time,
//! one of the route's statuses, nothing of the server's internals, and a server that continues.

use std::time::{Duration, Instant};

use admin_endpoints::script::{ScriptConfig, ScriptLimits};
use libtest_mimic::Failed;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::server::client::{Client, Reply, form};

/// Pieces that are difficult for grammars, rewrites and lookups.
const PIECES: [&str; 60] = [
    "result",
    " = ",
    "1",
    "0",
    "-1",
    "10**9",
    "'a'",
    "\"%s\"",
    "b'x'",
    "f'{",
    "}'",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ":",
    ", ",
    ".",
    "\n",
    "\n  ",
    " % ",
    " | ",
    " |= ",
    " %= ",
    " ** ",
    " * ",
    "<<",
    "del ",
    "import os",
    "import json as j, os",
    "from . import x",
    "from json import *",
    "app",
    "app.state",
    ".lmcache_adapter",
    ".lmcache_engine",
    ".metadata",
    ".is_first_rank()",
    ".stats",
    ".fail('",
    "__class__",
    "_x",
    "lambda x: ",
    "def f(a, *b, c=1, **d):",
    "return ",
    "yield ",
    "class A:",
    "if 1:",
    "else:",
    "try:",
    "except:",
    "while 1:",
    "for i in range(9):",
    "print(",
    "del a[1:",
    "a[:] = ",
    "x.y += ",
    "\u{e9}\u{0}",
];

fn sources() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40);
    prop_oneof![
        6 => pieces.prop_map(|pieces| pieces.concat().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
        1 => (prop::sample::select(&PIECES[..]), 1..20_000_usize)
            .prop_map(|(piece, count)| piece.repeat(count).into_bytes()),
    ]
}

/// A whole request: mostly a valid form, sometimes a truncated or a corrupted one.
fn requests() -> impl Strategy<Value = (String, Vec<u8>)> {
    (
        sources(),
        prop_oneof![8 => Just(None), 1 => any::<(u16, u8)>().prop_map(Some)],
    )
        .prop_map(|(source, corrupted)| {
            let (content_type, mut body) = form(&source);
            if let Some((at, byte)) = corrupted {
                let at = usize::from(at) % body.len();
                if byte.is_multiple_of(2) {
                    body.truncate(at)
                } else {
                    body[at] = byte
                }
            }
            (content_type, body)
        })
}

pub(crate) fn every_request_has_its_answer() -> Result<(), Failed> {
    let seconds = std::env::var("SCRIPT_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let budget = Duration::from_secs(seconds.unwrap_or(3));
    let limits = ScriptLimits::default()
        .with_max_wall_time(Duration::from_secs(2))
        .with_max_cpu_time(Duration::from_millis(200));
    let modules = ScriptConfig::embedded_modules().iter().copied();
    let client = Client::new(
        ScriptConfig::default()
            .allow_imports(modules)
            .limits(limits),
    );
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (strategy, began, mut count) = (requests(), Instant::now(), 0_u32);
    while began.elapsed() < budget {
        let (content_type, body) = strategy.new_tree(&mut runner)?.current();
        let reply = client.post("/run_script", &content_type, &body);
        sound(&reply)
            .map_err(|why| format!("{why}: {reply:?} to {:?}", String::from_utf8_lossy(&body)))?;
        count += 1;
    }
    println!("script_fuzz_requests: {count}");
    let after = client.run(b"result = 'still here'");
    if after.text == "still here" {
        Ok(())
    } else {
        Err(after.text.into())
    }
}

fn sound(reply: &Reply) -> Result<(), &'static str> {
    let expected = match reply.status {
        200 => true,
        400 => reply.text.starts_with("No script") || reply.text.starts_with("Malformed"),
        500 => reply.text.starts_with("Error executing script: "),
        _ => false,
    };
    if !expected {
        return Err("not an answer of this route");
    }
    if reply.took > Duration::from_millis(3500) {
        return Err("late");
    }
    let inside = [
        "panicked",
        ".rs:",
        "monty",
        "s3cret-canary",
        "without an answer",
    ];
    if inside.iter().any(|word| reply.text.contains(word)) {
        return Err("tells of its inside");
    }
    Ok(())
}
