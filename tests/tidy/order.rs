//! Modules import downwards: each file only from those before it in its list.

use std::collections::BTreeSet;

use super::imports::Crate;
use super::root;

/// `admin-runtime/src`, from bottom to top.
const RUNTIME: &[&str] = &[
    "type_map",
    "source",
    "build_info",
    "limits",
    "large_buffer",
    "panics",
    "sync",
    "watched_files",
    "text",
    "accept",
    "clock",
    "thread_names",
    "log_queue",
    "server_state",
    "response",
    "request",
    "endpoint",
    "audit_log",
    "audit_mask",
    "registry",
    "guard",
    "script",
    "periodic",
    "health",
    "shown_config",
    "openapi",
    "user_runtime",
    "index",
    "server_context",
    "dispatch",
    "service",
    "filter",
    "discover",
    "listener",
    "server",
    "private",
    "guide",
    "lib",
];

/// The files of a folder, from bottom to top; `mod` is its `mod.rs`.
type Folder = (&'static str, &'static [&'static str]);

const RUNTIME_FOLDERS: &[Folder] = &[
    ("filter", &["mounted_path", "admin_reply", "mod"]),
    (
        "index",
        &[
            "escaped",
            "format",
            "linked_page",
            "cached",
            "markdown",
            "page",
            "current",
            "mod",
        ],
    ),
    ("index/markdown", &["scan", "line", "text", "mod"]),
    (
        "user_runtime",
        &[
            "job",
            "queue",
            "runner",
            "state",
            "pool",
            "dispatcher",
            "mod",
        ],
    ),
    ("periodic/thread", &["mod", "waiting"]),
    (
        "server/builder",
        &["mod", "values", "credentials", "reach", "settings", "exits"],
    ),
    (
        "server/assemble",
        &[
            "build_info",
            "patterns",
            "exclusions",
            "index_page",
            "chosen",
            "links",
            "settings",
            "state",
            "unused",
            "mod",
        ],
    ),
    (
        "response",
        &[
            "error_status",
            "error",
            "body",
            "reply",
            "json",
            "schema",
            "spec",
            "typed",
            "into_response",
            "render",
            "mod",
        ],
    ),
    (
        "request",
        &[
            "param",
            "argument_descriptor",
            "query",
            "request_id",
            "current_request",
            "caller",
            "content_disposition",
            "audit",
            "services",
            "stop_signal",
            "context",
            "extractor",
            "argument",
            "typed_argument",
            "extract",
            "multipart",
            "upload",
            "mod",
        ],
    ),
    (
        "endpoint",
        &[
            "effect",
            "method",
            "path",
            "resource",
            "status",
            "descriptor",
            "mod",
        ],
    ),
    (
        "registry",
        &["problem", "router", "index", "link", "mod", "extract"],
    ),
    (
        "guard",
        &[
            "host",
            "origin",
            "secret",
            "identity",
            "proxy_header",
            "effect",
            "listener_policy",
            "authenticator",
            "async_authenticator",
            "token",
            "token_list",
            "credentials",
            "mod",
        ],
    ),
    (
        "server_context",
        &[
            "metric_keys",
            "endpoint",
            "request_metrics",
            "resources",
            "blocking_pool",
            "body_budget",
            "concurrency",
            "context",
            "listener",
            "mod",
        ],
    ),
    (
        "dispatch",
        &[
            "connection",
            "request_head",
            "unknown_parameters",
            "audited_target",
            "audit_line",
            "body",
            "run",
            "first_poll",
            "exchange",
            "admission",
            "page_request",
            "mod",
        ],
    ),
    (
        "script",
        &[
            "error",
            "budget",
            "data",
            "value",
            "args",
            "object",
            "serialize",
            "objects",
            "extract",
            "mod",
        ],
    ),
    (
        "periodic",
        &[
            "criticality",
            "name_claim",
            "run_summary",
            "state",
            "wire",
            "error",
            "metrics",
            "run_error",
            "settings",
            "identity",
            "outcome",
            "schedule",
            "body",
            "run",
            "history",
            "life",
            "log",
            "timeline",
            "health",
            "watchdog",
            "status",
            "overview",
            "thread",
            "driver",
            "set",
            "handle",
            "builder",
            "context",
            "argument",
            "descriptor",
            "problems",
            "threads",
            "extract",
            "mod",
        ],
    ),
    ("shown_config", &["error", "bounded", "mod", "extract"]),
    (
        "health",
        &[
            "kind",
            "outcome",
            "descriptor",
            "problems",
            "report",
            "record",
            "log",
            "metrics",
            "shared",
            "check",
            "places",
            "pool",
            "error",
            "set",
            "checks",
            "extract",
            "mod",
        ],
    ),
    (
        "openapi",
        &[
            "access",
            "components",
            "template",
            "text_first",
            "cached",
            "schemas",
            "parameters",
            "responses",
            "operation",
            "document",
            "mod",
        ],
    ),
    (
        "listener/tls",
        &["certificate", "options", "server_config", "setup", "mod"],
    ),
    (
        "listener",
        &[
            "tls",
            "description",
            "problems",
            "plan",
            "error",
            "listening_socket",
            "socket_file",
            "inherited",
            "open",
            "mod",
        ],
    ),
    (
        "server",
        &[
            "start_error",
            "test_client",
            "accept_warning",
            "descriptor_reserve",
            "thread_check",
            "token_file",
            "start_warnings",
            "credentials_reload",
            "connection_phase",
            "systemd",
            "unwritten_part",
            "connection_table",
            "server_socket",
            "transport",
            "connection_stream",
            "unread_rest",
            "tracked_body",
            "tracked_reply",
            "refusal",
            "accepted_connection",
            "tls_handshake",
            "accept_loop",
            "runtimes",
            "open_listeners",
            "main_thread",
            "running",
            "assemble",
            "admin_server",
            "builder",
            "mod",
        ],
    ),
];

/// `admin-endpoints/src`, from bottom to top.
const ENDPOINTS: &[&str] = &[
    "sync",
    "background",
    "descriptor_reserve",
    "format",
    "memory",
    "heap",
    "executable",
    "rfc3339",
    "source_path",
    "frames",
    "stacks",
    "env",
    "audit",
    "identity",
    "log_records",
    "loglevel",
    "fleet",
    "logs",
    "metrics",
    "page",
    "periodic_threads",
    "probes",
    "script",
    "threads",
    "profile",
    "lib",
];

/// Folders of `admin-endpoints/src`, from bottom to top.
const ENDPOINTS_FOLDERS: &[Folder] = &[
    (
        "env",
        &["mask", "config", "variables", "cache", "report", "mod"],
    ),
    (
        "env/mask",
        &[
            "command_options",
            "command_kinds",
            "extent",
            "redaction",
            "hash",
            "pem",
            "token_forms",
            "values",
            "login",
            "shape",
            "url",
            "view",
            "vocabulary",
            "webhook",
            "words",
            "names",
            "group",
            "assignment",
            "command",
            "element",
            "mod",
        ],
    ),
    (
        "periodic_threads",
        &["lookup", "health", "control", "list", "one", "mod"],
    ),
    ("probes", &["quoted", "report", "handler", "mod"]),
    (
        "identity",
        &["build_id", "process", "build", "masked", "config", "mod"],
    ),
    (
        "script/engine/monty",
        &["mod", "failures", "feed", "lookups"],
    ),
    (
        "script/engine/rewrite",
        &[
            "special_methods",
            "exceptions",
            "known_functions",
            "polyfilled",
            "truths",
            "names",
            "refusals",
            "mod",
            "attempts",
            "expressions",
            "keys",
            "operators",
            "attributes",
            "arguments",
            "calls",
            "interpolations",
            "generators",
            "statements",
        ],
    ),
    ("script/engine/rewrite/names", &["mod", "visitor"]),
    (
        "script/engine/rewrite/refusals",
        &[
            "mod",
            "annotations",
            "calls",
            "classes",
            "comparisons",
            "environ",
            "expressions",
            "identifiers",
            "modules",
            "statements",
            "visitor",
        ],
    ),
    ("frames", &["frame", "truncation", "mod"]),
    (
        "stacks/dwarf",
        &["batch", "lines", "units", "functions", "mod"],
    ),
    (
        "log_records",
        &[
            "limits",
            "captured_text",
            "fields",
            "record",
            "thread_label",
            "capture",
            "buffer",
            "history",
            "hub",
            "mod",
        ],
    ),
    (
        "fleet",
        &[
            "limits",
            "random",
            "instance_name",
            "instance_labels",
            "instance_address",
            "address_ranges",
            "announcement",
            "read_announcement",
            "shown_time",
            "instance",
            "ended_leases",
            "removed_starts",
            "directory",
            "client",
            "health_answers",
            "level_answers",
            "shared_round",
            "config",
            "enabled",
            "ask_all",
            "selector",
            "routes",
            "announce",
            "mod",
        ],
    ),
    (
        "fleet/client",
        &[
            "bounded_stream",
            "error",
            "tls",
            "last_read",
            "credentials",
            "destination",
            "exchange",
            "request",
            "mod",
        ],
    ),
    (
        "fleet/routes",
        &["instances", "targets", "health", "loglevel", "mod"],
    ),
    (
        "fleet/announce",
        &[
            "url", "retry", "sender", "error", "running", "builder", "mod",
        ],
    ),
    (
        "loglevel",
        &[
            "limits",
            "log_facade",
            "timer",
            "level",
            "name",
            "ttl",
            "known_loggers",
            "moment",
            "shared_map",
            "rules",
            "spec",
            "wire",
            "active_levels",
            "lease",
            "change",
            "log_bridge",
            "probe_callsite",
            "layer_state",
            "visibility",
            "filter",
            "table",
            "report",
            "levels",
            "install",
            "streaming",
            "route",
            "mod",
        ],
    ),
    (
        "logs",
        &[
            "limits",
            "format",
            "mask",
            "console",
            "json",
            "writer",
            "attachment",
            "permit",
            "worker",
            "stream",
            "route",
            "mod",
        ],
    ),
    (
        "stacks",
        &[
            "arena",
            "clock",
            "dwarf",
            "elf",
            "futex",
            "maps",
            "prologue",
            "registers",
            "signal_mask",
            "task_records",
            "task_files",
            "unwind_tables",
            "modules",
            "symbol_file",
            "unwind",
            "passive",
            "symbolise",
            "mod",
        ],
    ),
    (
        "threads/capture",
        &[
            "syscall_names",
            "slots",
            "signal",
            "thread_capture",
            "sampler",
            "symbols",
            "interrupt",
            "collector",
            "mod",
        ],
    ),
    (
        "threads/render",
        &["elide", "group", "layout", "json", "text", "mod"],
    ),
    (
        "script/child",
        &[
            "capabilities",
            "control",
            "descriptors",
            "empty_root",
            "executable",
            "landlock",
            "namespaces",
            "seccomp",
            "signals",
            "threads",
            "exit_status",
            "resource_limits",
            "isolation",
            "interpreter_zygote",
            "command_line",
            "worker",
            "zygote",
            "init",
            "mod",
        ],
    ),
    (
        "script/engine",
        &[
            "characters",
            "clock",
            "edits",
            "float_texts",
            "print_buffer",
            "raise",
            "declarations",
            "syntax",
            "values",
            "unsupported",
            "refusal_reasons",
            "wording",
            "lacks",
            "polyfills",
            "rewrite",
            "script_engine",
            "monty",
            "mod",
        ],
    ),
    (
        "metrics",
        &[
            "atomic",
            "block",
            "compression",
            "escape",
            "idle",
            "naming",
            "nan",
            "number",
            "process",
            "source",
            "worker",
            "labels",
            "shards",
            "cells",
            "histogram",
            "series",
            "summary",
            "buckets",
            "distribution",
            "error",
            "family",
            "registry_key",
            "catalog",
            "encoder",
            "exposition",
            "external",
            "reset",
            "scrape_error",
            "source_text",
            "scrape",
            "self_metrics",
            "sweep",
            "body",
            "recorder",
            "builder",
            "facade",
            "handlers",
            "mod",
        ],
    ),
    (
        "script",
        &[
            "app",
            "descriptor_reserve",
            "engine_setting",
            "environ",
            "frame",
            "interpreter_file",
            "isolation_report",
            "limits",
            "memory_return",
            "record",
            "script_file",
            "setup_failure",
            "source",
            "start_report",
            "wire",
            "cpython",
            "engine",
            "session",
            "child",
            "config",
            "fuzzing",
            "availability",
            "sandbox_error",
            "outcome",
            "zygote_program",
            "spawned_worker",
            "zygote_process",
            "zygote_pool",
            "run",
            "direct_run",
            "sandbox_info",
            "handler",
            "mod",
        ],
    ),
    (
        "profile",
        &[
            "call_tree",
            "protobuf",
            "settings",
            "data",
            "collapsed",
            "flame_graph",
            "gzip",
            "pprof",
            "format",
            "error",
            "permits",
            "sampling",
            "unsupported",
            "worker",
            "context",
            "command_line",
            "current_stacks",
            "go_routes",
            "heap_dump",
            "heap_routes",
            "index_page",
            "route",
            "mod",
        ],
    ),
    (
        "page",
        &["modules", "join", "policy", "document", "respond", "mod"],
    ),
    ("profile/flame_graph", &["colour", "tree", "svg", "mod"]),
    (
        "profile/sampling",
        &[
            "random_phase",
            "sample_counts",
            "sample_slots",
            "session_table",
            "signal",
            "thread_timer",
            "stack_store",
            "loaded_mappings",
            "symbols",
            "return_addresses",
            "thread_list",
            "unsampled_time",
            "look_interval",
            "numbered_threads",
            "waiting",
            "wall_clock_loss",
            "session",
            "mod",
        ],
    ),
    (
        "threads",
        &[
            "config",
            "error",
            "info",
            "query",
            "dump_context",
            "report",
            "capture",
            "render",
            "unsupported",
            "worker",
            "route",
            "mod",
        ],
    ),
];

/// Pairs of files that import from each other because their types are defined by each other.
const MUTUAL: &[(&str, &str)] = &[
    ("script/args", "script/object"),
    ("script/args", "script/value"),
    ("script/object", "script/value"),
];

/// The imports of a crate against the lists: of its folders, and inside each listed folder.
fn upward(krate: &Crate, root: &[&str], folders: &[Folder]) -> Vec<String> {
    let mut found = Vec::new();
    for (from, to) in krate.imports() {
        if MUTUAL.iter().any(|(one, other)| {
            (from.as_str(), to.as_str()) == (*one, *other)
                || (to.as_str(), from.as_str()) == (*one, *other)
        }) {
            continue;
        }
        let of_folder = folders.iter().filter_map(|(folder, order)| {
            Some((*order, inside(folder, &from)?, inside(folder, &to)?))
        });
        let mut lists = of_folder.chain([(root, head(&from), head(&to))]);
        if lists.any(|(order, from, to)| from != to && !is_before(order, to, from)) {
            found.push(format!(
                "{from}.rs imports from {to}.rs, which comes after it"
            ));
        }
    }
    found
}

/// The file of a folder, or the folder in it, that a path leads to.
fn inside<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    Some(head(path.strip_prefix(folder)?.strip_prefix('/')?))
}

fn head(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

fn is_before(order: &[&str], one: &str, other: &str) -> bool {
    let position = |name: &str| order.iter().position(|entry| *entry == name);
    match (position(one), position(other)) {
        (Some(one), Some(other)) => one < other,
        _ => false,
    }
}

/// The lists name every file, so that a new one gets its place.
fn unlisted(krate: &Crate, root: &[&str], folders: &[Folder]) -> Vec<String> {
    let names = krate.names();
    let mut missing = BTreeSet::new();
    for name in &names {
        if !root.contains(&head(name)) {
            missing.insert(format!("{name}.rs is not in the list"));
        }
        for (folder, order) in folders {
            if inside(folder, name).is_some_and(|file| !order.contains(&file)) {
                missing.insert(format!("{name}.rs is not in the list of {folder}"));
            }
        }
    }
    for folder in krate.folders() {
        if !folder.is_empty() && !folders.iter().any(|(listed, _)| *listed == folder) {
            missing.insert(format!("{folder} has no list"));
        }
    }
    let lists = folders.iter().copied().chain([("", root)]);
    for (folder, order) in lists {
        let twice = order.iter().enumerate();
        let twice = twice.filter(|(at, entry)| order[..*at].contains(entry));
        missing.extend(twice.map(|(_, entry)| format!("{folder}/{entry}.rs is listed twice")));
    }
    for (folder, order) in folders {
        for file in *order {
            let path = format!("{folder}/{file}");
            let below = format!("{path}/");
            if !names
                .iter()
                .any(|name| *name == path || name.starts_with(&below))
            {
                missing.insert(format!("{path}.rs is listed and does not exist"));
            }
        }
    }
    missing.into_iter().collect()
}

fn check(folder: &str, root: &[&str], folders: &[Folder]) {
    let krate = Crate::read(folder);
    assert!(krate.imports().len() > 20, "{folder} is read");
    let mut problems = krate.hidden();
    problems.extend(unlisted(&krate, root, folders));
    problems.extend(upward(&krate, root, folders));
    assert!(problems.is_empty(), "{folder}:\n{}", problems.join("\n"));
}

#[test]
fn modules_of_admin_runtime_import_downwards() {
    check("admin-runtime/src", RUNTIME, RUNTIME_FOLDERS);
}

/// `mod` lines of a text, in order.
fn declared(text: &str) -> Vec<&str> {
    let lines = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    lines.collect()
}

#[test]
fn documents_list_modules_in_the_same_order() {
    let read = |path| std::fs::read_to_string(root().join(path)).expect("UTF-8");
    let library = read("admin-runtime/src/lib.rs");
    let listed = |name: &&str| !matches!(*name, "private" | "__private" | "guide" | "lib");
    let expected: Vec<&str> = RUNTIME.iter().copied().filter(listed).collect();
    let declared: Vec<&str> = declared(&library)
        .into_iter()
        .filter(|name| listed(name))
        .collect();
    assert_eq!(declared, expected, "lib.rs");
    let architecture = read("ARCHITECTURE.md");
    let (_, after) = architecture
        .split_once("resolves every import against them.")
        .expect("the list");
    let block = after
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with("    "));
    let written: Vec<&str> = block.flat_map(str::split_whitespace).collect();
    assert_eq!(written, expected, "ARCHITECTURE.md");
}

#[test]
fn files_of_admin_endpoints_folders_import_downwards() {
    check("admin-endpoints/src", ENDPOINTS, ENDPOINTS_FOLDERS);
}
