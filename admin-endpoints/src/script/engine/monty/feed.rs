//! Runs the sources of a script one after the other, and answers their lookups.

use std::io;

use monty::{MontyRepl, ReplProgress};
use monty_types::{
    AssertMessageAnnotations, CompileOptions, MontyException, MontyObject, PrintWriter,
    ResourceLimits, ResourceTracker,
};

use super::{FeedResult, ScriptRun};
use crate::script::engine::float_texts;
use crate::script::engine::rewrite::{Operands, Rewritten, rewrite};
use crate::script::engine::values::app_object;
use crate::script::limits::ExceededLimit;
use crate::script::wire::{ScriptEnd, StartMessage};

impl ScriptRun<'_> {
    pub(super) fn script(
        &mut self,
        start: &StartMessage,
        operands: Operands,
    ) -> io::Result<ScriptEnd> {
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

    /// Runs one source and answers its lookups.
    pub(super) fn feed(
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
}
