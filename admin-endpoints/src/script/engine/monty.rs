//! The interpreter, which suspends at each lookup and is resumed with the answer.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};

use admin_runtime::script::ScriptErrorKind;
use monty::{MontyRepl, ReplProgress, ReplStartError};
use monty_types::{
    AssertMessageAnnotations, CompileOptions, ExcType, ExtFunctionResult, MontyException,
    MontyObject, MontyUuid, NameLookupResult, OsFunctionCall, PrintWriter, ResourceLimits,
    ResourceTracker,
};

use super::print_buffer::PrintBuffer;
use super::raise::{denied_import, missing_method, no_constructor, raised};
use super::rewrite::{Operands, Rewritten, rewrite};
use super::script_engine::{LookupHost, ScriptEngine};
use super::values::{
    ANSWER_MARK, ValueImporter, any_text, app_object, contains_nan, export, object_id,
};
use super::{characters, clock, float_texts, lacks, polyfills, unsupported, wording};
use crate::script::limits::{ExceededLimit, ScriptLimits};
use crate::script::wire::{LookupReply, ScriptEnd, ScriptReport, StartMessage, WorkerMessage};

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

    fn script(&mut self, start: &StartMessage, operands: Operands) -> io::Result<ScriptEnd> {
        let rewritten = rewrite(&start.source, &start.imports, operands);
        let Rewritten {
            source,
            polyfills,
            compares,
        } = match rewritten {
            Ok(rewritten) => rewritten,
            Err(refused) => return Ok(ScriptEnd::Raised(refused)),
        };
        self.compares = compares;
        self.source.clone_from(&start.source);
        self.imports.clone_from(&start.imports);
        self.may_run_again = operands == Operands::Plain;
        self.has_texts_of_floats |= float_texts::has_odd_digit(&start.source);
        let tracker = ResourceLimits::default()
            .max_duration(self.limits.max_cpu_time.saturating_sub(self.used_time))
            .max_recursion_depth(self.limits.max_recursion_depth);
        let options = CompileOptions {
            assert_message_annotations: AssertMessageAnnotations::Off,
        };
        let mut repl = MontyRepl::new("<string>", ResourceTracker::new(tracker), options);
        let functions = polyfills.sources();
        if let Some(functions) = &functions {
            repl = match self.feed(repl, functions, Vec::new(), false)? {
                FeedResult::Value(repl, _) => *repl,
                FeedResult::Unset | FeedResult::Failed(_) => return Ok(ScriptEnd::EngineFailed),
            };
        }
        let app = vec![("app".to_owned(), app_object(&mut self.importer))];
        self.can_refuse = functions.is_some();
        let mut repl = match self.feed(repl, &source, app, false)? {
            FeedResult::Value(repl, _) => *repl,
            FeedResult::Failed(ended) => return Ok(ended),
            FeedResult::Unset => return Ok(ScriptEnd::EngineFailed),
        };
        if self.can_refuse {
            // A script may have caught the exception.
            let (kept, refused) = self.refused(repl, None)?;
            match (kept, refused) {
                (_, Some(end)) => return Ok(end),
                (Some(kept), None) => repl = kept,
                (None, None) => return Ok(ScriptEnd::EngineFailed),
            }
        }
        // Not `str(result)`: a script may have called something else `str`.
        let text = if polyfills.has_sets() {
            "f'{__engine_show__(result)!s}'"
        } else {
            "f'{result!s}'"
        };
        Ok(match self.feed(repl, text, Vec::new(), true)? {
            FeedResult::Value(_, MontyObject::String(text))
                if text.len() > self.limits.max_result_bytes =>
            {
                ScriptEnd::LimitExceeded(ExceededLimit::Result)
            }
            FeedResult::Value(_, MontyObject::String(text)) => ScriptEnd::Finished(Some(text)),
            FeedResult::Value(..) => ScriptEnd::EngineFailed,
            FeedResult::Unset => ScriptEnd::Finished(None),
            FeedResult::Failed(ended) => ended,
        })
    }

    /// The end of a script because of what a function of `polyfills/` refused, at this line, or what
    /// the script handled.
    fn refused(
        &mut self,
        repl: MontyRepl,
        line: Option<usize>,
    ) -> io::Result<(Option<MontyRepl>, Option<ScriptEnd>)> {
        let can_refuse = std::mem::replace(&mut self.can_refuse, false);
        let source = "__engine_refused__ + [__engine_x__ for __engine_x__ in __engine_handled_errors__.values()]";
        let read = self.feed(repl, source, Vec::new(), false)?;
        self.can_refuse = can_refuse;
        Ok(match read {
            FeedResult::Value(repl, MontyObject::List(refused)) => {
                let first = refused.iter().find_map(|refusal| match refusal {
                    MontyObject::String(what) => {
                        Some(ScriptEnd::Raised(unsupported::message(what, line)))
                    }
                    MontyObject::None => {
                        let what = unsupported::QUESTION_IN_BUILT_IN;
                        Some(ScriptEnd::Raised(unsupported::message(what, line)))
                    }
                    handled => self.lack_in(handled, line),
                });
                (Some(*repl), first)
            }
            _ => (None, None),
        })
    }

    /// Runs one source and answers its lookups.
    fn feed(
        &mut self,
        repl: MontyRepl,
        source: &str,
        inputs: Vec<(String, MontyObject)>,
        for_result: bool,
    ) -> io::Result<FeedResult> {
        let mut step = repl.feed_start(source, inputs, PrintWriter::Callback(&mut self.printed));
        loop {
            let progress = match step {
                Ok(progress) => progress,
                Err(error) => return Ok(FeedResult::Failed(self.failure(*error)?)),
            };
            step = match progress {
                ReplProgress::Complete { repl, value } => {
                    return Ok(FeedResult::Value(Box::new(repl), value));
                }
                ReplProgress::NameLookup(lookup) => {
                    let answer = match lookup.object_id() {
                        None if for_result && lookup.name == "result" => {
                            return Ok(FeedResult::Unset);
                        }
                        None => Ok(self.name(&lookup.name)),
                        Some(object) => self.attribute(object, &lookup.name)?,
                    };
                    match answer {
                        Ok(answer) => {
                            lookup.resume(answer, PrintWriter::Callback(&mut self.printed))
                        }
                        Err(exceeded) => {
                            return Ok(FeedResult::Failed(ScriptEnd::LimitExceeded(exceeded)));
                        }
                    }
                }
                ReplProgress::FunctionCall(mut call) => {
                    let args = std::mem::take(&mut call.args);
                    let keyword = std::mem::take(&mut call.kwargs);
                    let answer = self.call(call.object_id, &call.function_name, args, keyword)?;
                    if let Some(refusal) = self.refusal.take() {
                        return Ok(FeedResult::Failed(ScriptEnd::Raised(refusal)));
                    }
                    match answer {
                        Ok(answer) => call.resume(answer, PrintWriter::Callback(&mut self.printed)),
                        Err(exceeded) => {
                            return Ok(FeedResult::Failed(ScriptEnd::LimitExceeded(exceeded)));
                        }
                    }
                }
                ReplProgress::OsCall(call) => match self.os(&call.function_call)? {
                    _ if self.refusal.is_some() => {
                        let refusal = self.refusal.take().unwrap_or_default();
                        return Ok(FeedResult::Failed(ScriptEnd::Raised(refusal)));
                    }
                    Ok(answer) => call.resume(answer, PrintWriter::Callback(&mut self.printed)),
                    Err(exceeded) => {
                        return Ok(FeedResult::Failed(ScriptEnd::LimitExceeded(exceeded)));
                    }
                },
                ReplProgress::ResolveFutures(futures) => futures.abort(
                    MontyException::runtime_error("nothing here can be awaited"),
                    PrintWriter::Callback(&mut self.printed),
                ),
            };
        }
    }

    fn failure(&mut self, failed: ReplStartError) -> io::Result<ScriptEnd> {
        let ReplStartError { repl, error } = failed;
        if repl.tracker().check_time().is_err() {
            return Ok(ScriptEnd::LimitExceeded(ExceededLimit::Cpu));
        }
        let line = wording::line(&error);
        let raised = error.message().unwrap_or_default();
        if wording::is_match_limit(raised) {
            return Ok(ScriptEnd::LimitExceeded(ExceededLimit::MatchSteps));
        }
        let runs_again = self.may_run_again && wording::is_lack_of_operands(raised);
        let lack = self.lacking_feature(error.exc_type(), raised);
        if let Some(what) = lack.filter(|_| !runs_again && self.explains) {
            return Ok(ScriptEnd::Raised(unsupported::message(&what, line)));
        }
        let mut repl = Some(repl);
        if self.can_refuse
            && let Some(failed) = repl.take()
        {
            let (kept, refused) = self.refused(failed, line)?;
            if let Some(end) = refused {
                return Ok(end);
            }
            repl = kept;
        }
        let text = repl.map_or(Ok(None), |repl| self.cpython_text(repl, &error))?;
        let message = text.unwrap_or_else(|| wording::message(&error));
        Ok(if message.len() > self.limits.max_result_bytes {
            ScriptEnd::LimitExceeded(ExceededLimit::Result)
        } else {
            ScriptEnd::Raised(message)
        })
    }

    /// The text of an error that the engine has in other words; `None` for all others.
    fn cpython_text(
        &mut self,
        repl: MontyRepl,
        error: &MontyException,
    ) -> io::Result<Option<String>> {
        let has_own_words = self.explains && wording::has_own_words(error);
        let Some(text) = error.message().filter(|_| has_own_words) else {
            return Ok(None);
        };
        let can_refuse = std::mem::replace(&mut self.can_refuse, false);
        self.explains = false;
        let text = MontyObject::String(text.to_owned());
        let inputs = vec![("__engine_text__".to_owned(), text)];
        let source = format!(
            "{}\n__engine_other_text__(__engine_text__)",
            polyfills::ERROR_TEXTS
        );
        let read = self.feed(repl, &source, inputs, false)?;
        self.can_refuse = can_refuse;
        self.explains = true;
        Ok(match read {
            FeedResult::Value(_, MontyObject::String(text)) => Some(text),
            _ => None,
        })
    }

    /// A name that neither the script nor the built-ins define.
    fn name(&self, name: &str) -> NameLookupResult {
        match name {
            "__import__" => NameLookupResult::Value(MontyObject::Function {
                name: name.to_owned(),
                docstring: None,
            }),
            _ => NameLookupResult::Undefined,
        }
    }

    /// The end of a script that handled an exception which CPython would not raise.
    fn lack_in(&self, handled: &MontyObject, line: Option<usize>) -> Option<ScriptEnd> {
        let MontyObject::List(pair) = handled else {
            return None;
        };
        let [
            MontyObject::Exception { exc_type, arg },
            MontyObject::Int(handled_at),
        ] = pair.as_slice()
        else {
            return None;
        };
        let text = arg.as_deref().unwrap_or_default();
        if wording::is_match_limit(text) {
            return Some(ScriptEnd::LimitExceeded(ExceededLimit::MatchSteps));
        }
        let what = self.lacking_feature(*exc_type, text)?;
        let line = usize::try_from(*handled_at).ok().or(line);
        Some(ScriptEnd::Raised(unsupported::message(&what, line)))
    }

    fn lacking_feature(&self, kind: ExcType, text: &str) -> Option<String> {
        if text.contains("not yet supported in this context") {
            return Some(unsupported::QUESTION_IN_BUILT_IN.to_owned());
        }
        lacks::lacking_feature(kind, text, &self.source).or_else(|| {
            let is_unasked = self.is_unasked(kind, text);
            is_unasked.then(|| unsupported::QUESTION_IN_BUILT_IN.to_owned())
        })
    }

    /// Whether an attribute of a live object is missing only because it could not be asked for.
    fn is_unasked(&self, kind: ExcType, text: &str) -> bool {
        let class = text
            .strip_prefix('\'')
            .and_then(|rest| rest.split_once("' object has no attribute '"));
        kind == ExcType::AttributeError
            && class.is_some_and(|(class, name)| {
                // Names with an underscore are never asked for.
                self.importer.is_live_class(class) && !name.starts_with('_')
            })
            && !self.missing_attributes.contains(text)
    }

    /// A call of `__import__` that is not an import statement which is not allowed.
    fn import(&mut self, args: &[MontyObject]) {
        if let [MontyObject::String(module), ..] = args
            && self.imports.contains(module)
        {
            let what = format!("__import__ of {module}");
            self.refusal = Some(unsupported::message(&what, None));
        }
    }

    fn attribute(
        &mut self,
        object: MontyUuid,
        name: &str,
    ) -> io::Result<Result<NameLookupResult, ExceededLimit>> {
        let Some(id) = object_id(object) else {
            return Ok(Ok(NameLookupResult::Undefined));
        };
        if name == ANSWER_MARK {
            return Ok(Ok(NameLookupResult::Value(MontyObject::Bool(true))));
        }
        let question = WorkerMessage::Attribute {
            object: id,
            name: name.to_owned(),
        };
        Ok(self.ask(&question)?.map(|reply| match reply {
            LookupReply::Value(value) if self.compares && contains_nan(&value) => {
                self.has_read_nan = true;
                NameLookupResult::Error(raised(ScriptErrorKind::Value, nan_refused()))
            }
            LookupReply::Value(value) => NameLookupResult::Value(self.importer.import(value)),
            LookupReply::Method => NameLookupResult::Value(self.method(id, name)),
            LookupReply::Undefined | LookupReply::Stop(_) => {
                self.add_missing(id, name);
                NameLookupResult::Undefined
            }
            LookupReply::Raise { exception, message } => {
                self.missing_attributes.insert(message.clone());
                NameLookupResult::Error(raised(exception, message))
            }
        }))
    }

    fn add_missing(&mut self, id: u64, name: &str) {
        let class = self.importer.live_class(id).unwrap_or_default();
        let text = format!("'{class}' object has no attribute '{name}'");
        self.missing_attributes.insert(text);
    }

    /// A bound method as a value; the interpreter calls it by the name that is created here.
    fn method(&mut self, id: u64, name: &str) -> MontyObject {
        let handle = format!("{name}@{id}");
        self.methods.insert(handle.clone(), (id, name.to_owned()));
        MontyObject::Function {
            name: handle,
            docstring: None,
        }
    }

    fn call(
        &mut self,
        object: Option<MontyUuid>,
        function: &str,
        args: Vec<MontyObject>,
        keyword: Vec<(MontyObject, MontyObject)>,
    ) -> io::Result<Result<ExtFunctionResult, ExceededLimit>> {
        let (id, method) = match object {
            None if function == "__import__" => {
                self.import(&args);
                return Ok(Ok(denied_import(&args).into()));
            }
            None => match self.methods.get(function) {
                Some((id, method)) => (*id, method.clone()),
                None => return Ok(Ok(ExtFunctionResult::NotFound(function.to_owned()))),
            },
            Some(object) => match object_id(object) {
                Some(id) => (id, function.to_owned()),
                None => return Ok(Ok(no_constructor().into())),
            },
        };
        let Some(question) = question(id, method, args, keyword) else {
            let message = "an argument is nested too deeply".to_owned();
            return Ok(Ok(raised(ScriptErrorKind::Value, message).into()));
        };
        Ok(self.ask(&question)?.map(|reply| match reply {
            LookupReply::Value(value) if self.compares && contains_nan(&value) => {
                self.has_read_nan = true;
                ExtFunctionResult::Error(raised(ScriptErrorKind::Value, nan_refused()))
            }
            LookupReply::Value(value) => ExtFunctionResult::Return(self.importer.import(value)),
            LookupReply::Raise { exception, message } => {
                self.missing_attributes.insert(message.clone());
                ExtFunctionResult::Error(raised(exception, message))
            }
            LookupReply::Method | LookupReply::Undefined | LookupReply::Stop(_) => {
                self.add_missing(id, function);
                missing_method(function).into()
            }
        }))
    }

    /// Calls for the operating system. Two clocks and the masked environment are available; files
    /// do not exist.
    fn os(
        &mut self,
        call: &OsFunctionCall,
    ) -> io::Result<Result<ExtFunctionResult, ExceededLimit>> {
        let environ = match call {
            OsFunctionCall::DateToday => return Ok(Ok(clock::today().into())),
            OsFunctionCall::DateTimeNow(zone) => return Ok(Ok(clock::now(zone.as_ref()).into())),
            OsFunctionCall::Getenv(_) | OsFunctionCall::GetEnviron => {
                match self.ask(&WorkerMessage::Environ)? {
                    Ok(LookupReply::Value(environ)) => self.importer.import(environ),
                    Ok(_) => MontyObject::dict(Vec::new()),
                    Err(exceeded) => return Ok(Err(exceeded)),
                }
            }
            other => {
                self.refusal = file_test(other)
                    .map(|name| unsupported::message(&format!("the method {name} of Path"), None));
                return Ok(Ok(other.on_no_handler().into()));
            }
        };
        let OsFunctionCall::Getenv(wanted) = call else {
            return Ok(Ok(environ.into()));
        };
        let MontyObject::Dict(pairs) = environ else {
            return Ok(Ok(environ.into()));
        };
        let key = MontyObject::String(wanted.key.clone());
        let found = pairs
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value);
        Ok(Ok(found.unwrap_or_else(|| wanted.default.clone()).into()))
    }

    fn ask(&mut self, question: &WorkerMessage) -> io::Result<Result<LookupReply, ExceededLimit>> {
        self.has_asked = true;
        Ok(match self.host.ask(question)? {
            LookupReply::Stop(exceeded) => Err(exceeded),
            reply => {
                if let LookupReply::Value(value) = &reply {
                    self.has_texts_of_floats |= any_text(value, float_texts::has_odd_digit);
                }
                Ok(reply)
            }
        })
    }
}

/// Methods that return an answer in CPython where a file cannot be read.
fn file_test(call: &OsFunctionCall) -> Option<&'static str> {
    Some(match call {
        OsFunctionCall::Exists(_) => "exists",
        OsFunctionCall::IsFile(_) => "is_file",
        OsFunctionCall::IsDir(_) => "is_dir",
        OsFunctionCall::IsSymlink(_) => "is_symlink",
        OsFunctionCall::Resolve(_) => "resolve",
        OsFunctionCall::Absolute(_) => "absolute",
        _ => return None,
    })
}

fn nan_refused() -> String {
    unsupported::message("nan of a live object", None)
}

fn question(
    object: u64,
    method: String,
    args: Vec<MontyObject>,
    keyword: Vec<(MontyObject, MontyObject)>,
) -> Option<WorkerMessage> {
    let args = args.into_iter().map(export).collect::<Option<_>>()?;
    let keyword = keyword
        .into_iter()
        .map(|(name, value)| Some((name.to_string(), export(value)?)))
        .collect::<Option<_>>()?;
    Some(WorkerMessage::Call {
        object,
        method,
        args,
        keyword,
    })
}

#[cfg(test)]
mod tests;
