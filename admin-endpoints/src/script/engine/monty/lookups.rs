//! Lookups and calls that suspend the interpreter, and their answers.

use std::io;

use admin_runtime::script::ScriptErrorKind;
use monty_types::{ExtFunctionResult, MontyObject, MontyUuid, NameLookupResult, OsFunctionCall};

use super::{ScriptRun, nan_refused};
use crate::script::engine::raise::{denied_import, missing_method, no_constructor, raised};
use crate::script::engine::values::{ANSWER_MARK, any_text, contains_nan, export, object_id};
use crate::script::engine::{clock, float_texts, unsupported};
use crate::script::limits::ExceededLimit;
use crate::script::wire::{LookupReply, WorkerMessage};

impl ScriptRun<'_> {
    /// A name that neither the script nor the built-ins define.
    pub(super) fn name(&self, name: &str) -> NameLookupResult {
        match name {
            "__import__" => NameLookupResult::Value(MontyObject::Function {
                name: name.to_owned(),
                docstring: None,
            }),
            _ => NameLookupResult::Undefined,
        }
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

    pub(super) fn attribute(
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

    pub(super) fn call(
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
    pub(super) fn os(
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
