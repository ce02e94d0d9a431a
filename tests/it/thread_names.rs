//! Names of threads of all kinds, shown whole and found by their parts.

use std::sync::mpsc::channel;
use std::thread::Builder;

use admin_runtime::thread_names;
use admin_tests::ask;

use crate::started;

/// Names that the kernel's 15 bytes would cut, and others that could break a line or a parser.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "replication to eu-central-1",
        "exactly 15 byte",
        "exactly 16 bytes",
        "größer als fünfzehn",
        "ログを書くスレッド",
        "😀😀😀😀😀 emoji worker",
        "two  blanks and a tab\there",
        "a (tid 1, sleeping)",
        "Thread: other (tid 7, running)",
        "line\nThread: forged (tid 1, sleeping)",
        "carriage\rreturn in the name",
        "escape\u{1b}[31m in the name",
        "right\u{202e}to left in the name",
        "separator\u{2028}in the name",
        "\u{200b}zero width in the name",
        "quotes \" ' ` in the name",
        "back\\slash in the name",
        "a=b&c=d?e#f%20 in the name",
        "<b>html</b> in the name",
        "{\"json\": [1]} in the name",
        " leading blank in the name",
        "trailing blank in the name ",
        "UPPER CASE in the name",
        "=== Thread Summary ===",
        "Total threads: 0 in the name",
        "../../etc/passwd in the name",
        "%s%n%x in the name",
        "null in the name of this",
        "combining e\u{301} in the name",
        "x",
    ]
    .map(str::to_owned)
    .into();
    names.extend([16, 64, 255, 4096].map(|length| "n".repeat(length)));
    names.extend((0..16).map(|number| format!("numbered worker thread {number:02}")));
    names
}

#[test]
fn names_of_all_kinds_are_whole_and_found() {
    let server = started();
    for name in names() {
        let (ready, is_ready) = channel();
        let (end, wait_for_end) = channel::<()>();
        let body = move || {
            let _ = ready.send(thread_names::current_tid());
            let _ = wait_for_end.recv();
        };
        let thread = thread_names::spawn_named(Builder::new(), name.as_str(), body).unwrap();
        let tid = is_ready.recv().unwrap().unwrap();

        let path = format!("/threads?format=json&thread_id={tid}");
        let report = ask(server.local_addr(), "GET", &path, &[]);
        let report: serde_json::Value = serde_json::from_str(&report.body).unwrap();
        assert_eq!(report["threads"][0]["name"], name.as_str(), "{report}");

        let part: String = name
            .chars()
            .rev()
            .take(40)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let part: String = part.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path = format!("/threads?thread_id={tid}&name={part}");
        let text = ask(server.local_addr(), "GET", &path, &[]).body;
        assert!(text.ends_with("Total threads: 1"), "{name:?}: {text}");
        let heads = text.lines().filter(|line| line.starts_with("Thread: "));
        assert_eq!(heads.count(), 1, "{name:?}: {text}");
        let head = text.lines().next().unwrap();
        assert!(head.contains(&format!("(tid {tid}, ")), "{name:?}: {head}");
        let is_raw = |c: char| c.is_control() || "\u{202e}\u{2028}".contains(c);
        assert!(!head.contains(is_raw), "{name:?}: {head:?}");

        drop(end);
        thread.join().unwrap();
    }
}
