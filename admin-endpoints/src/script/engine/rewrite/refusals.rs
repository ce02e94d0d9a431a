//! What is refused before a script runs.

mod annotations;
mod calls;
mod classes;
mod comparisons;
mod environ;
mod expressions;
mod identifiers;
mod modules;
mod statements;
mod visitor;

use std::collections::HashSet;

use ruff_python_ast::Stmt;
use ruff_python_ast::visitor::Visitor as _;
use ruff_text_size::{Ranged, TextSize};

use super::names::SourceNames;
use crate::script::engine::syntax::line;
use crate::script::engine::unsupported::message;

/// Whether values are compared by functions that treat nan in another way; or the message for the
/// first part that the engine cannot run as CPython does.
pub(super) fn check(
    body: &[Stmt],
    source: &str,
    names: &SourceNames<'_>,
    allowed: &[String],
) -> Result<bool, String> {
    let mut search = RefusalSearch {
        source,
        names,
        allowed,
        found: None,
        module_uses: HashSet::new(),
        streams: HashSet::new(),
        environ_reads: HashSet::new(),
        in_class_body: false,
        in_function: false,
        in_class: false,
        in_generator: false,
        has_nan: false,
        compares: None,
        exception_texts: None,
        shows_arguments: false,
    };
    search.visit_body(body);
    if search.has_nan
        && let Some(at) = search.compares
    {
        search.refuse_at(at, "comparing values that may contain nan");
    }
    if search.shows_arguments
        && let Some(at) = search.exception_texts
    {
        search.refuse_at(at, "exceptions with other arguments than one str");
    }
    match search.found {
        Some((at, what)) => Err(message(&what, Some(line(at.into(), source)))),
        None => Ok(search.compares.is_some()),
    }
}

struct RefusalSearch<'a> {
    source: &'a str,
    names: &'a SourceNames<'a>,
    allowed: &'a [String],
    /// The first by its place.
    found: Option<(u32, String)>,
    /// Where names of modules are followed by a member, or are only compared with `None`.
    module_uses: HashSet<TextSize>,
    /// Where `print` is given a standard stream.
    streams: HashSet<TextSize>,
    /// Where `os.environ` is only read, and no part of another value.
    environ_reads: HashSet<TextSize>,
    in_class_body: bool,
    in_function: bool,
    in_class: bool,
    in_generator: bool,
    has_nan: bool,
    compares: Option<u32>,
    exception_texts: Option<u32>,
    shows_arguments: bool,
}

impl RefusalSearch<'_> {
    fn refuse(&mut self, node: &impl Ranged, what: impl Into<String>) {
        self.refuse_at(node.start().to_u32(), what);
    }

    fn refuse_at(&mut self, at: u32, what: impl Into<String>) {
        if self.found.as_ref().is_none_or(|(first, _)| at < *first) {
            self.found = Some((at, what.into()));
        }
    }
}
