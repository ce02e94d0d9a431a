//! The interpreter, which suspends at each lookup and is resumed with the answer.

mod failures;
mod feed;
mod lookups;

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};

use monty::MontyRepl;
use monty_types::MontyObject;

use super::print_buffer::PrintBuffer;
use super::rewrite::Operands;
use super::script_engine::{LookupHost, ScriptEngine};
use super::values::ValueImporter;
use super::{characters, float_texts, lacks, unsupported, wording};
use crate::script::limits::{ExceededLimit, ScriptLimits};
use crate::script::wire::{ScriptEnd, ScriptReport, StartMessage};

/// The modules of the engine; each has a part of the functions of CPython's module.
pub(crate) const MODULES: [&str; 15] = [
    "base64",
    "binascii",
    "collections",
    "dataclasses",
    "datetime",
    "functools",
    "itertools",
    "json",
    "math",
    "os",
    "pathlib",
    "re",
    "sys",
    "typing",
    "unicodedata",
];

/// Pydantic's sandboxed Python.
#[derive(Debug)]
pub(crate) struct Monty;

impl ScriptEngine for Monty {
    #[expect(
        clippy::disallowed_methods,
        reason = "the time of a first run is subtracted from the limit of a second"
    )]
    fn run(&self, start: &StartMessage, host: &mut dyn LookupHost) -> io::Result<ScriptReport> {
        let began = Instant::now();
        let mut run = ScriptRun::new(&start.limits, host);
        let mut end = run.script(start, Operands::Plain)?;
        if let ScriptEnd::Raised(text) = &end
            && wording::is_lack_of_operands(text)
            && !run.has_asked
        {
            // Nothing outside has seen the first run, whose time counts and whose output does not.
            run = ScriptRun::new(&start.limits, run.host);
            run.used_time = began.elapsed();
            end = run.script(start, Operands::MaybeBool)?;
        }
        if run.has_read_nan {
            end = ScriptEnd::Raised(nan_refused()); // a script may have caught the exception
        }
        if run.printed.exceeded {
            end = ScriptEnd::LimitExceeded(ExceededLimit::Output);
        }
        let mut printed = run.printed.into_text();
        let text = match &end {
            ScriptEnd::Finished(Some(text)) | ScriptEnd::Raised(text) => text,
            _ => "",
        };
        let shows_float = float_texts::has_odd_digit(text) || float_texts::has_odd_digit(&printed);
        let refused = if wording::shows_function(text) || wording::shows_function(&printed) {
            Some("the text of a function")
        } else if wording::shows_live_object(text) || wording::shows_live_object(&printed) {
            Some("the text of a live object")
        } else if wording::shows_place(text) || wording::shows_place(&printed) {
            Some("the text of an object")
        } else if lacks::shows_other_class(text) || lacks::shows_other_class(&printed) {
            Some("the text of this class")
        } else if wording::shows_cut(text) || wording::shows_cut(&printed) {
            Some("the text of a deeply nested value")
        } else if characters::has_later(text) || characters::has_later(&printed) {
            Some("characters newer than Unicode 14")
        } else if wording::shows_itself(text, &start.source)
            || wording::shows_itself(&printed, &start.source)
        {
            Some("the text of a value that contains itself")
        } else if shows_float && run.has_texts_of_floats {
            Some("this text of a float")
        } else {
            None
        };
        if let Some(what) = refused {
            printed.clear(); // it may be what is refused
            end = ScriptEnd::Raised(unsupported::message(what, None));
        }
        let even = |text| {
            if shows_float {
                float_texts::with_even_digits(text)
            } else {
                text
            }
        };
        let end = match end {
            ScriptEnd::Finished(Some(text)) => ScriptEnd::Finished(Some(even(text))),
            ScriptEnd::Raised(text) => ScriptEnd::Raised(even(text)),
            end => end,
        };
        let printed = even(printed);
        Ok(ScriptReport { printed, end })
    }
}

/// One running script.
struct ScriptRun<'a> {
    limits: &'a ScriptLimits,
    host: &'a mut dyn LookupHost,
    printed: PrintBuffer,
    importer: ValueImporter,
    /// The texts of errors that the server has raised, and those of attributes that it does not have.
    missing_attributes: HashSet<String>,
    /// Methods that were read without a call, by their name in the interpreter.
    methods: HashMap<String, (u64, String)>,
    /// Whether functions of `polyfills/` are loaded.
    can_refuse: bool,
    /// Whether errors get the texts of CPython.
    explains: bool,
    /// Whether the host was asked, which may have changed live objects.
    has_asked: bool,
    /// Whether the script compares values that may contain nan.
    compares: bool,
    /// Whether such a script has read nan, which it may not compare.
    has_read_nan: bool,
    /// Whether a text of the source or of a live object reads like a float that ends as the engine
    /// shows it, and CPython would not.
    has_texts_of_floats: bool,
    /// The modules that it may import.
    imports: Vec<String>,
    /// The script, of which only the names matter here.
    source: String,
    /// Whether the script is run again if the operands of an operation were bools.
    may_run_again: bool,
    /// The message of a refusal that no script may catch.
    refusal: Option<String>,
    /// The time of an earlier run of the same script.
    used_time: Duration,
}

/// The result of one source.
enum FeedResult {
    Value(Box<MontyRepl>, MontyObject),
    /// `result` is not set.
    Unset,
    Failed(ScriptEnd),
}

impl<'a> ScriptRun<'a> {
    fn new(limits: &'a ScriptLimits, host: &'a mut dyn LookupHost) -> Self {
        Self {
            limits,
            host,
            printed: PrintBuffer::new(limits.max_output_bytes),
            importer: ValueImporter::default(),
            missing_attributes: HashSet::new(),
            methods: HashMap::new(),
            can_refuse: false,
            explains: true,
            has_asked: false,
            compares: false,
            has_read_nan: false,
            has_texts_of_floats: false,
            imports: Vec::new(),
            source: String::new(),
            may_run_again: false,
            refusal: None,
            used_time: Duration::ZERO,
        }
    }
}

fn nan_refused() -> String {
    unsupported::message("nan of a live object", None)
}

#[cfg(test)]
mod tests;
