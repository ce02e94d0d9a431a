//! The page that lists the profiles.

use admin_runtime::{Response, admin_endpoint};

/// Each path below `/debug/`, and what it is.
const PROFILES: [(&str, &str); 11] = [
    ("pprof/profile?seconds=10", "which functions use the CPU"),
    (
        "pprof/profile?seconds=10&format=svg",
        "the same as a flame graph",
    ),
    (
        "fgprof?seconds=10",
        "where threads spend time, running or waiting",
    ),
    ("fgprof?seconds=10&format=svg", "the same as a flame graph"),
    ("pprof/goroutine", "the current stack of every thread"),
    ("pprof/cmdline", "the arguments of the program"),
    ("pprof/heap", "memory in use"),
    (
        "pprof/allocs",
        "memory in use, as heap: what was freed is not recorded",
    ),
    (
        "pprof/threadcreate",
        "not recorded: a profile without samples",
    ),
    ("pprof/block", "not recorded: a profile without samples"),
    ("pprof/mutex", "not recorded: a profile without samples"),
];

/// A page that lists the profiles.
#[admin_endpoint(
    path = "/debug/pprof/",
    trailing_slash = true,
    runtime = "admin",
    sensitive = true,
    produces = "text/html; charset=utf-8"
)]
async fn list_of_profiles() -> Response {
    Response::bytes("text/html; charset=utf-8", page())
}

fn page() -> String {
    let rows = PROFILES.map(|(path, what)| {
        let path = path.replace('&', "&amp;");
        format!("<tr><td><a href=\"../{path}\">{path}</a></td><td>{what}</td></tr>\n")
    });
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>Profiles</title></head><body>\n\
         <h1>Profiles</h1>\n<table>\n{}</table>\n\
         <p>For a browser: <code>go tool pprof -http=: URL</code> with one of these addresses.</p>\n\
         </body></html>\n",
        rows.concat()
    )
}
