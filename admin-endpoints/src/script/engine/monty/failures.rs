//! How a script ends that raised an exception, or handled one that CPython would not raise.

use std::io;

use monty::{MontyRepl, ReplStartError};
use monty_types::{ExcType, MontyException, MontyObject};

use super::{FeedResult, ScriptRun};
use crate::script::engine::{lacks, polyfills, unsupported, wording};
use crate::script::limits::ExceededLimit;
use crate::script::wire::ScriptEnd;

impl ScriptRun<'_> {
    /// The end of a script because of what a function of `polyfills/` refused, at this line, or what
    /// the script handled.
    pub(super) fn refused(
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

    pub(super) fn failure(&mut self, failed: ReplStartError) -> io::Result<ScriptEnd> {
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
}
