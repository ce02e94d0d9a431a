//! The server's side of one script: answers each lookup from the live objects.
//!
//! The sandbox is not trusted: it can name only objects that it was given, names that begin with
//! an underscore are rejected, and lookups are counted here, not in the sandbox.

use std::collections::HashMap;
use std::sync::Arc;

use admin_runtime::script::{
    MemberKind, ScriptArgs, ScriptData, ScriptError, ScriptErrorKind, ScriptObject, ScriptValue,
};

use super::environ::MaskedEnviron;
use super::limits::ExceededLimit;
use super::wire::{LookupReply, ObjectRef, SentValue, WorkerMessage};

/// The state of one script.
pub(super) struct Session {
    /// Live objects by their number in the script; the first is `app`.
    objects: Vec<Arc<dyn ScriptObject>>,
    /// Their numbers by address; `objects` keeps each address in use.
    numbers: HashMap<usize, u64>,
    environ: MaskedEnviron,
    may_change: bool,
    lookups_left: usize,
}

impl Session {
    pub(super) fn new(
        app: Arc<dyn ScriptObject>,
        environ: MaskedEnviron,
        may_change: bool,
        lookups: usize,
    ) -> Self {
        let mut session = Self {
            objects: Vec::new(),
            numbers: HashMap::new(),
            environ,
            may_change,
            lookups_left: lookups,
        };
        session.number(app);
        session
    }

    /// The answer to one lookup.
    pub(super) fn answer(&mut self, question: WorkerMessage) -> LookupReply {
        let Some(left) = self.lookups_left.checked_sub(1) else {
            return LookupReply::Stop(ExceededLimit::Lookups);
        };
        self.lookups_left = left;
        let answered = match question {
            WorkerMessage::Attribute { object, name } => self.attribute(object, &name),
            WorkerMessage::Call {
                object,
                method,
                args,
                keyword,
            } => self.call(object, &method, args, keyword),
            WorkerMessage::Environ => self.export(self.environ.shown()).map(LookupReply::Value),
            // The caller handles them.
            WorkerMessage::Isolated(_) | WorkerMessage::Done(_) | WorkerMessage::SetupFailed(_) => {
                Ok(LookupReply::Undefined)
            }
        };
        answered.unwrap_or_else(|error| LookupReply::Raise {
            exception: error.kind(),
            message: error.message().to_owned(),
        })
    }

    fn object(&self, number: u64) -> Option<Arc<dyn ScriptObject>> {
        self.objects.get(usize::try_from(number).ok()?).cloned()
    }

    fn attribute(&mut self, number: u64, name: &str) -> Result<LookupReply, ScriptError> {
        let Some(object) = self.object(number).filter(|_| !name.starts_with('_')) else {
            return Ok(LookupReply::Undefined);
        };
        match object.attribute(name) {
            Some(value) => Ok(LookupReply::Value(self.export(value?)?)),
            None if is_method(&*object, name) => Ok(LookupReply::Method),
            None => Ok(LookupReply::Undefined),
        }
    }

    fn call(
        &mut self,
        number: u64,
        method: &str,
        args: Vec<SentValue>,
        keyword: Vec<(String, SentValue)>,
    ) -> Result<LookupReply, ScriptError> {
        let Some(object) = self.object(number) else {
            return Ok(LookupReply::Undefined);
        };
        if method.starts_with('_') {
            return Err(no_attribute(&*object, method));
        }
        if changes(&*object, method) && !self.may_change {
            return Err(ScriptError::new(
                ScriptErrorKind::Permission,
                format!(
                    "{}.{method}() changes the process, which `ScriptConfig::allow_changes` \
                     must permit",
                    object.class_name()
                ),
            ));
        }
        let args = args.into_iter().map(|arg| self.import(arg));
        let keyword = keyword
            .into_iter()
            .map(|(name, arg)| Ok((name, self.import(arg)?)));
        let args = ScriptArgs::new(
            args.collect::<Result<_, _>>()?,
            keyword.collect::<Result<_, ScriptError>>()?,
        );
        match object.call(method, args) {
            Some(value) => Ok(LookupReply::Value(self.export(value?)?)),
            None => match object.attribute(method) {
                Some(value) => {
                    let message = format!("'{}' object is not callable", value?.type_name());
                    Err(ScriptError::type_error(message))
                }
                None => Err(no_attribute(&*object, method)),
            },
        }
    }

    /// The number of an object. It does not change, so that the object equals itself in the script.
    fn number(&mut self, object: Arc<dyn ScriptObject>) -> u64 {
        let address = Arc::as_ptr(&object).cast::<()>().addr();
        *self.numbers.entry(address).or_insert_with(|| {
            self.objects.push(object);
            self.objects.len() as u64 - 1
        })
    }

    /// A value for the script, with numbers instead of objects.
    fn export(&mut self, value: ScriptValue) -> Result<SentValue, ScriptError> {
        value.map_handles(|object| {
            let class = object.class_name().to_owned();
            let id = self.number(object);
            ScriptData::Object(ObjectRef { id, class })
        })
    }

    /// A value from the script. An unknown object becomes the name of its class.
    fn import(&self, value: SentValue) -> Result<ScriptValue, ScriptError> {
        value.map_handles(|ObjectRef { id, class }| match self.object(id) {
            Some(object) => ScriptData::Object(object),
            None => ScriptData::Str(class),
        })
    }
}

fn is_method(object: &dyn ScriptObject, name: &str) -> bool {
    object
        .members()
        .iter()
        .any(|m| m.name == name && m.kind == MemberKind::Method)
}

fn changes(object: &dyn ScriptObject, method: &str) -> bool {
    object
        .members()
        .iter()
        .any(|member| member.name == method && member.changes)
}

fn no_attribute(object: &dyn ScriptObject, name: &str) -> ScriptError {
    let message = format!("'{}' object has no attribute '{name}'", object.class_name());
    ScriptError::new(ScriptErrorKind::Attribute, message)
}
