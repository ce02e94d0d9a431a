//! The server's side of one script: answers each lookup from the live objects.
//!
//! The sandbox is not trusted: it can only name objects that it was given, names that begin with
//! an underscore are refused here as well, and lookups are counted here as well.

use std::collections::HashMap;
use std::sync::Arc;

use admin_runtime::script::{
    MAX_NODES, MemberKind, ScriptArgs, ScriptError, ScriptErrorKind, ScriptObject, ScriptValue,
};

use super::environ::MaskedEnviron;
use super::limits::ExceededLimit;
use super::wire::{ExceptionKind, LookupReply, Wire, WorkerMessage};

/// Deeper values are refused: the reader of the message has a limit of its own.
const MAX_VALUE_DEPTH: usize = 45;

/// What one script has seen.
pub(super) struct Session {
    /// Live objects by the number the script knows them by; the first is `app`.
    objects: Vec<Arc<dyn ScriptObject>>,
    /// Their numbers by address; `objects` keeps each address in use.
    numbers: HashMap<usize, u64>,
    environ: MaskedEnviron,
    may_change: bool,
    look_ups_left: usize,
    /// Values that the current answer may still contain.
    parts_left: usize,
}

impl Session {
    pub(super) fn new(
        app: Arc<dyn ScriptObject>,
        environ: MaskedEnviron,
        may_change: bool,
        look_ups: usize,
    ) -> Self {
        let mut session = Self {
            objects: Vec::new(),
            numbers: HashMap::new(),
            environ,
            may_change,
            look_ups_left: look_ups,
            parts_left: 0,
        };
        session.number(app);
        session
    }

    /// The answer to one question.
    pub(super) fn answer(&mut self, question: WorkerMessage) -> LookupReply {
        let Some(left) = self.look_ups_left.checked_sub(1) else {
            return LookupReply::Stop(ExceededLimit::LookUps);
        };
        self.look_ups_left = left;
        self.parts_left = MAX_NODES + 1; // the value itself and its parts
        let answered = match question {
            WorkerMessage::Attribute { object, name } => self.attribute(object, &name),
            WorkerMessage::Call {
                object,
                method,
                args,
                keyword,
            } => self.call(object, &method, args, keyword),
            WorkerMessage::Environ => self.export(self.environ.shown(), 0).map(LookupReply::Value),
            WorkerMessage::Done(..) | WorkerMessage::SetupFailed(_) => Ok(LookupReply::Undefined), // the caller ends on them
        };
        answered.unwrap_or_else(|error| LookupReply::Raise {
            exception: exception(error.kind()),
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
            Some(value) => Ok(LookupReply::Value(self.export(value?, 0)?)),
            None if is_method(&*object, name) => Ok(LookupReply::Method),
            None => Ok(LookupReply::Undefined),
        }
    }

    fn call(
        &mut self,
        number: u64,
        method: &str,
        args: Vec<Wire>,
        keyword: Vec<(String, Wire)>,
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
                    "{}.{method}() changes the process, which needs the write right and \
                     `ScriptConfig::allow_changes`",
                    object.class_name()
                ),
            ));
        }
        let args = ScriptArgs {
            positional: args.into_iter().map(|arg| self.import(arg)).collect(),
            keyword: keyword
                .into_iter()
                .map(|(name, arg)| (name, self.import(arg)))
                .collect(),
        };
        match object.call(method, args) {
            Some(value) => Ok(LookupReply::Value(self.export(value?, 0)?)),
            None => match object.attribute(method) {
                Some(value) => {
                    let message = format!("'{}' object is not callable", value?.type_name());
                    Err(ScriptError::type_error(message))
                }
                None => Err(no_attribute(&*object, method)),
            },
        }
    }

    /// The number of an object; always the same, so that the object equals itself in the script.
    fn number(&mut self, object: Arc<dyn ScriptObject>) -> u64 {
        let address = Arc::as_ptr(&object).cast::<()>().addr();
        *self.numbers.entry(address).or_insert_with(|| {
            self.objects.push(object);
            self.objects.len() as u64 - 1
        })
    }

    fn export(&mut self, value: ScriptValue, depth: usize) -> Result<Wire, ScriptError> {
        let deeper = depth + 1;
        if depth > MAX_VALUE_DEPTH {
            return Err(ScriptError::value(format!(
                "the value is nested deeper than {MAX_VALUE_DEPTH} levels"
            )));
        }
        self.parts_left = self.parts_left.checked_sub(1).ok_or_else(|| {
            ScriptError::value(format!("the value has more than {MAX_NODES} parts"))
        })?;
        Ok(match value {
            ScriptValue::None => Wire::None,
            ScriptValue::Bool(value) => Wire::Bool(value),
            ScriptValue::Int(value) => match i64::try_from(value) {
                Ok(value) => Wire::Int(value),
                Err(_) => Wire::BigInt(value.to_string()),
            },
            ScriptValue::Float(value) => Wire::Float(value.to_bits()),
            ScriptValue::Str(value) => Wire::Str(value),
            ScriptValue::Bytes(value) => Wire::Bytes(value),
            ScriptValue::List(items) => Wire::List(self.export_all(items, deeper)?),
            ScriptValue::Tuple(items) => Wire::Tuple(self.export_all(items, deeper)?),
            ScriptValue::Dict(pairs) => {
                let pairs = pairs
                    .into_iter()
                    .map(|(k, v)| Ok((self.export(k, deeper)?, self.export(v, deeper)?)));
                Wire::Dict(pairs.collect::<Result<_, ScriptError>>()?)
            }
            ScriptValue::Struct { name, fields } => {
                let fields = fields
                    .into_iter()
                    .filter(|(name, _)| !name.starts_with('_'))
                    .map(|(name, value)| Ok((name, self.export(value, deeper)?)));
                Wire::Struct {
                    name,
                    fields: fields.collect::<Result<_, ScriptError>>()?,
                }
            }
            ScriptValue::Object(object) => {
                let class = object.class_name().to_owned();
                Wire::Object {
                    id: self.number(object),
                    class,
                }
            }
            other => {
                let kind = other.type_name();
                return Err(ScriptError::value(format!(
                    "a script cannot be shown a {kind}"
                )));
            }
        })
    }

    fn export_all(
        &mut self,
        items: Vec<ScriptValue>,
        depth: usize,
    ) -> Result<Vec<Wire>, ScriptError> {
        items
            .into_iter()
            .map(|item| self.export(item, depth))
            .collect()
    }

    fn import(&self, value: Wire) -> ScriptValue {
        let all = |items: Vec<Wire>| items.into_iter().map(|item| self.import(item)).collect();
        match value {
            Wire::None => ScriptValue::None,
            Wire::Bool(value) => ScriptValue::Bool(value),
            Wire::Int(value) => ScriptValue::Int(value.into()),
            Wire::BigInt(digits) => digits
                .parse()
                .map_or(ScriptValue::Str(digits), ScriptValue::Int),
            Wire::Float(bits) => ScriptValue::Float(f64::from_bits(bits)),
            Wire::Str(value) | Wire::Other(value) => ScriptValue::Str(value),
            Wire::Bytes(value) => ScriptValue::Bytes(value),
            Wire::List(items) => ScriptValue::List(all(items)),
            Wire::Tuple(items) => ScriptValue::Tuple(all(items)),
            Wire::Dict(pairs) => ScriptValue::Dict(
                pairs
                    .into_iter()
                    .map(|(k, v)| (self.import(k), self.import(v)))
                    .collect(),
            ),
            Wire::Struct { name, fields } => {
                let fields = fields.into_iter().map(|(name, v)| (name, self.import(v)));
                ScriptValue::Struct {
                    name,
                    fields: fields.collect(),
                }
            }
            Wire::Object { id, class } => match self.object(id) {
                Some(object) => ScriptValue::Object(object),
                None => ScriptValue::Str(class),
            },
        }
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

fn exception(kind: ScriptErrorKind) -> ExceptionKind {
    match kind {
        ScriptErrorKind::Attribute => ExceptionKind::Attribute,
        ScriptErrorKind::Key => ExceptionKind::Key,
        ScriptErrorKind::Os => ExceptionKind::Os,
        ScriptErrorKind::Permission => ExceptionKind::Permission,
        ScriptErrorKind::Timeout => ExceptionKind::Timeout,
        ScriptErrorKind::Type => ExceptionKind::Type,
        ScriptErrorKind::Value => ExceptionKind::Value,
        _ => ExceptionKind::Runtime,
    }
}
