//! `GET /logs`: log records as they are logged, to each client with a filter of its own.
//!
//! The line of the levels, `.with(levels.filter())`, is all that it needs; see
//! [`loglevel`](crate::loglevel). A client that asks for `filter=cache_engine=debug` receives the
//! records of that module at `DEBUG`, and of the rest at `INFO`; console and files get what they got
//! before.
//!
//! # The request
//!
//! | parameter | meaning | default |
//! |---|---|---|
//! | `filter` | levels as in `RUST_LOG`; `off,cache=debug` for one module only | `info` |
//! | `seconds` | for how long, 1 to 3600 | 30 |
//! | `limit` | end after that many records | none |
//! | `tail` | first the last N records that were kept, 0 to 1000 | 0 |
//! | `format` | `ndjson`, `sse` or `text` | by `Accept` |
//!
//! With `Accept: text/event-stream`, which browsers send for an `EventSource`, the stream has events
//! with an `id`. `format=text` gives lines as the console prints them. At most four clients are
//! served at the same time; the fifth receives 429.
//!
//! # The records
//!
//! `{"time","level","target","message","fields":{},"spans":[{"name","fields"}],"thread","file","line"}`,
//! with the time in UTC with microseconds, and the spans that the levels enable, outermost first.
//! Records of `log` are included. `{"dropped":N}` is in the place of records that the client was too
//! slow for, `admin_log_stream_dropped_total` counts them, `{"note":".."}` at the beginning says which
//! records another filter of the subscriber hides and, in a stream without records, which loggers of the
//! filter the program does not have; `{"end":"seconds"}`, `"limit"` or `"shutdown"` is last. Every 15 s
//! without a record comes an empty line. An `EventSource` connects again after the end unless the page
//! closes it; what was logged in between is not in the new stream.
//!
//! What the handler of a request logs itself has the field `request_id`. The causes of an error are a
//! list, `"error.sources"`. `file` is without the directories of the build machine. Of more than 32
//! spans the outermost are one, with the name `... (N more)`.
//!
//! Values are masked by the rules of `/env`: fields by name and value, messages by value. A message is
//! cut after 16 KiB and a field after 4 KiB, with the mark `... (cut)`. A value that returns an error or
//! panics while it is written ends with `... (failed)`; a panic still reaches the panic hook, and with
//! `panic = "abort"` ends the program, as it would in a layer that shows the event.
//!
//! # History
//!
//! [`LogLevels::keep_history`](crate::loglevel::LogLevels::keep_history) keeps the last 1,000 records at
//! `INFO` and above that the levels enable, of at most 1 MiB, for `tail`.
//!
//! # Cost
//!
//! While there is no client, an event that is disabled costs the same as without this route. Fields of
//! spans are kept as data, which costs an allocation for each span that has fields. With a client, a
//! thread that logs appends to a buffer of 1 MiB or drops the record; it never waits for the client.
//!
//! While a client wants an event, `tracing::enabled!` and `log::log_enabled!` are true for it, and layers
//! that come after the filter of the levels are asked whether they enable it. They do not receive it.

mod limits;

mod format;
mod mask;

mod console;
mod json;

mod writer;

mod attachment;
mod permit;

mod worker;

mod stream;

mod route;
