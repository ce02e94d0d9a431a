//! Conversion between values of the interpreter and values in messages.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use admin_runtime::script::MAX_DEPTH;
use monty_types::{DictPairs, MontyClassInstance, MontyClassType, MontyObject, MontyUuid};

use crate::script::wire::{ObjectRef, SentValue};

/// Identities of live objects and of copied structs, distinct from those of the interpreter.
const OBJECT_IDS: u128 = 0xad31_0000_0000_4000_8000 << 48;
const RECORD_IDS: u128 = 0xad32_0000_0000_4000_8000 << 48;
/// An attribute that only live objects have; `polyfills/assignments.py` reads it. Names with an
/// underscore are never looked up in the server.
const LIVE_MARK: &str = "_engine_live_";
/// The identity of `app`.
const APP_OBJECT_ID: u64 = 0;
/// An attribute that each live object has wherever the server can be asked: the engine asks for names
/// without an underscore only.
pub(super) const ANSWER_MARK: &str = "engine0answers";
/// Set in the identity of a class.
const CLASS_ID_BIT: u128 = 1 << 48;

/// Converts values of the server into values of the interpreter.
#[derive(Debug, Default)]
pub(super) struct ValueImporter {
    records: u64,
    /// The classes of live objects that the script may have.
    live_classes: BTreeMap<u64, String>,
}

impl ValueImporter {
    /// A value from the server, as the interpreter has it.
    pub(super) fn import(&mut self, value: SentValue) -> MontyObject {
        match value {
            SentValue::None => MontyObject::None,
            SentValue::Bool(value) => MontyObject::Bool(value),
            SentValue::Int(value) => match i64::try_from(value) {
                Ok(value) => MontyObject::Int(value),
                Err(_) => MontyObject::BigInt(value.into()),
            },
            SentValue::Float(value) => MontyObject::Float(value),
            SentValue::Str(value) => MontyObject::String(value),
            SentValue::Bytes(value) => MontyObject::Bytes(value),
            SentValue::List(items) => MontyObject::List(self.all(items)),
            SentValue::Tuple(items) => MontyObject::Tuple(self.all(items)),
            SentValue::Dict(pairs) => {
                let pairs = pairs
                    .into_iter()
                    .map(|(k, v)| (self.import(k), self.import(v)));
                MontyObject::Dict(pairs.collect())
            }
            SentValue::Struct { name, fields } => {
                let fields = fields
                    .into_iter()
                    .map(|(name, value)| (MontyObject::String(name), self.import(value)));
                let fields = fields.collect();
                self.record(name, fields)
            }
            SentValue::Object(ObjectRef { id, class }) => {
                self.live_classes.insert(id, class.clone());
                object(id, class)
            }
            other => MontyObject::String(other.type_name().to_owned()),
        }
    }

    fn all(&mut self, items: Vec<SentValue>) -> Vec<MontyObject> {
        items.into_iter().map(|item| self.import(item)).collect()
    }

    /// A copy of a struct, shown as a dataclass is. Copies of one class with equal fields are equal.
    fn record(&mut self, name: String, attrs: DictPairs) -> MontyObject {
        self.records += 1;
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let class = hasher.finish() & (CLASS_ID_BIT as u64 - 1);
        instance(RECORD_IDS, self.records, class, name, attrs)
    }

    /// The class of a live object.
    pub(super) fn live_class(&self, id: u64) -> Option<&str> {
        self.live_classes.get(&id).map(String::as_str)
    }

    /// Whether an object of this class is live.
    pub(super) fn is_live_class(&self, class: &str) -> bool {
        self.live_classes.values().any(|live| live == class)
    }
}

/// Whether a part of a value is nan, which equals nothing.
pub(super) fn contains_nan(value: &SentValue) -> bool {
    match value {
        SentValue::Float(value) => value.is_nan(),
        SentValue::List(items) | SentValue::Tuple(items) => items.iter().any(contains_nan),
        SentValue::Dict(pairs) => pairs
            .iter()
            .any(|(key, value)| contains_nan(key) || contains_nan(value)),
        SentValue::Struct { fields, .. } => fields.iter().any(|(_, value)| contains_nan(value)),
        _ => false,
    }
}

/// Whether a text in a value is of this kind.
pub(super) fn any_text(value: &SentValue, is: fn(&str) -> bool) -> bool {
    match value {
        SentValue::Str(text) => is(text),
        SentValue::List(items) | SentValue::Tuple(items) => {
            items.iter().any(|item| any_text(item, is))
        }
        SentValue::Dict(pairs) => pairs
            .iter()
            .any(|(key, value)| any_text(key, is) || any_text(value, is)),
        SentValue::Struct { fields, .. } => fields.iter().any(|(_, value)| any_text(value, is)),
        _ => false,
    }
}

/// The object that every script can see as `app`.
pub(super) fn app_object(importer: &mut ValueImporter) -> MontyObject {
    importer.import(SentValue::Object(ObjectRef {
        id: APP_OBJECT_ID,
        class: "App".to_owned(),
    }))
}

/// A live object. It has no public attributes of its own, so that each one is looked up.
fn object(id: u64, class: String) -> MontyObject {
    let mark = (
        MontyObject::String(LIVE_MARK.to_owned()),
        MontyObject::Bool(true),
    );
    instance(
        OBJECT_IDS,
        id,
        id,
        class,
        [mark].into_iter().collect::<Vec<_>>().into(),
    )
}

/// Equality compares classes and attributes: each live object has a class of its own, since two of
/// them must not be equal for having no attributes.
fn instance(space: u128, id: u64, class: u64, name: String, attrs: DictPairs) -> MontyObject {
    MontyObject::ClassInstance(Box::new(MontyClassInstance {
        class_type: MontyClassType {
            name,
            id: MontyUuid::from_u128(space | CLASS_ID_BIT | u128::from(class)),
            host_defined: true,
            is_dataclass: space == RECORD_IDS,
            attrs: DictPairs::default(),
        },
        instance_id: MontyUuid::from_u128(space | u128::from(id)),
        attrs,
    }))
}

/// Which live object an identity belongs to.
pub(super) fn object_id(uuid: MontyUuid) -> Option<u64> {
    let id = u128::from_be_bytes(*uuid.as_bytes()) ^ OBJECT_IDS;
    u64::try_from(id).ok().filter(|id| *id < 1 << 48)
}

/// An argument for the server, or `None` if it is nested deeper than the server accepts.
pub(super) fn export(value: MontyObject) -> Option<SentValue> {
    export_at(value, 0)
}

fn export_at(value: MontyObject, depth: usize) -> Option<SentValue> {
    if depth > MAX_DEPTH {
        return None;
    }
    let all = |items: Vec<MontyObject>| {
        items
            .into_iter()
            .map(|item| export_at(item, depth + 1))
            .collect::<Option<Vec<_>>>()
    };
    Some(match value {
        MontyObject::None => SentValue::None,
        MontyObject::Bool(value) => SentValue::Bool(value),
        MontyObject::Int(value) => SentValue::Int(value.into()),
        MontyObject::BigInt(value) => match i128::try_from(&value) {
            Ok(value) => SentValue::Int(value),
            Err(_) => SentValue::Str(value.to_string()),
        },
        MontyObject::Float(value) => SentValue::Float(value),
        MontyObject::String(value) => SentValue::Str(value),
        MontyObject::Bytes(value) => SentValue::Bytes(value),
        MontyObject::List(items) | MontyObject::Set(items) | MontyObject::FrozenSet(items) => {
            SentValue::List(all(items)?)
        }
        MontyObject::Tuple(items) | MontyObject::NamedTuple { values: items, .. } => {
            SentValue::Tuple(all(items)?)
        }
        MontyObject::Dict(pairs) => {
            let pairs = pairs.into_iter().map(|(key, value)| {
                Some((export_at(key, depth + 1)?, export_at(value, depth + 1)?))
            });
            SentValue::Dict(pairs.collect::<Option<_>>()?)
        }
        MontyObject::ClassInstance(instance) => match object_id(instance.instance_id) {
            Some(id) => {
                let class = instance.class_type.name;
                SentValue::Object(ObjectRef { id, class })
            }
            None => SentValue::Str(instance.class_type.name),
        },
        other => SentValue::Str(other.to_string()),
    })
}
