//! The live page that browsers receive at `GET /`: this process as it runs, in one document.
//!
//! Link this crate with the feature `page`; nothing else is needed. The page shows what is linked, from
//! the routes that curl uses: health, periodic threads, log levels, log records, stacks, profiles,
//! metrics, scripts, all endpoints with forms, and the audit log.
//!
//! The document has no data of the process. Its scripts and its style are inline, allowed by their
//! SHA-256 in the policy, which allows nothing else: no other host is asked. `?format=list` is the list
//! without scripts, which browsers without JavaScript are sent to.
//!
//! A server that requires credentials answers the same document with 401. It asks for a token, keeps it
//! in `sessionStorage`, until the tab is closed, and sends it with each request.

mod modules;

mod join;

mod policy;

mod document;

mod respond;

admin_runtime::index_page!(respond::respond);
