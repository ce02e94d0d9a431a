//! Python values as plain data, with references to live objects among them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ScriptError;
use super::budget::Budget;

/// A Python value as plain data, or a handle to a live object.
///
/// In this process the handle is the object itself: [`ScriptValue`](super::ScriptValue). Between
/// processes it is whatever names the object there, and the value is serialised:
///
/// ```
/// use admin_runtime::script::{ScriptData, ScriptValue};
///
/// let value = ScriptValue::List(vec![ScriptValue::Float(f64::INFINITY), ScriptValue::None]);
/// let sent: ScriptData<u64> = value.map_handles(|_| ScriptData::Object(0))?;
/// let json = serde_json::to_string(&sent)?;
/// assert_eq!(serde_json::from_str::<ScriptData<u64>>(&json)?, sent);
/// # Ok::<(), admin_runtime::script::ScriptError>(())
/// ```
#[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub enum ScriptData<H> {
    /// `None`.
    #[default]
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An `int` within 128 bits.
    Int(i128),
    /// A `float`.
    Float(#[serde(with = "float_bits")] f64),
    /// A `str`.
    Str(String),
    /// A `bytes`.
    Bytes(Vec<u8>),
    /// A `list`.
    List(Vec<ScriptData<H>>),
    /// A `tuple`.
    Tuple(Vec<ScriptData<H>>),
    /// A `dict`, in this order.
    Dict(Vec<(ScriptData<H>, ScriptData<H>)>),
    /// A record: `name(field=value, …)` with the fields as attributes.
    Struct {
        /// The name of its class.
        name: String,
        /// Attributes, in this order.
        #[serde(with = "field_map")]
        fields: Vec<(String, ScriptData<H>)>,
    },
    /// A live object: attributes and methods are looked up when they are used.
    Object(H),
}

/// A reference to a live object.
///
/// ```
/// use admin_runtime::script::{ScriptData, ScriptHandle};
///
/// /// An object of another process.
/// struct Remote { id: u64, class: String }
///
/// impl ScriptHandle for Remote {
///     fn class_name(&self) -> &str {
///         &self.class
///     }
/// }
/// let cache = ScriptData::Object(Remote { id: 7, class: "Cache".to_owned() });
/// assert_eq!(cache.type_name(), "Cache");
/// # assert!(matches!(cache, ScriptData::Object(Remote { id: 7, .. })));
/// ```
pub trait ScriptHandle {
    /// The name of the object's class.
    fn class_name(&self) -> &str;
}

impl<H> ScriptData<H> {
    /// Replaces every handle, for example by the name of the object in another process. Fields
    /// whose names begin with an underscore are private and are left out.
    ///
    /// ```
    /// use admin_runtime::script::{ScriptData, ScriptError};
    ///
    /// let value = ScriptData::List(vec![ScriptData::Int(1), ScriptData::Object("cache")]);
    /// let numbered = value.map_handles(|name| ScriptData::Object(name.len()))?;
    /// assert_eq!(numbered, ScriptData::List(vec![ScriptData::Int(1), ScriptData::Object(5)]));
    /// # Ok::<(), ScriptError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The value is nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH) levels or has more than
    /// [`MAX_NODES`](super::MAX_NODES) parts.
    pub fn map_handles<T>(
        self,
        mut map: impl FnMut(H) -> ScriptData<T>,
    ) -> Result<ScriptData<T>, ScriptError> {
        map_value(self, &mut Budget::default(), &mut map)
    }
}

fn map_value<H, T>(
    value: ScriptData<H>,
    budget: &mut Budget,
    map: &mut impl FnMut(H) -> ScriptData<T>,
) -> Result<ScriptData<T>, ScriptError> {
    let mut nested = |value| budget.nested(|budget| map_value(value, budget, map));
    Ok(match value {
        ScriptData::None => ScriptData::None,
        ScriptData::Bool(value) => ScriptData::Bool(value),
        ScriptData::Int(value) => ScriptData::Int(value),
        ScriptData::Float(value) => ScriptData::Float(value),
        ScriptData::Str(value) => ScriptData::Str(value),
        ScriptData::Bytes(value) => ScriptData::Bytes(value),
        ScriptData::List(items) => {
            let items = items.into_iter().map(nested);
            ScriptData::List(items.collect::<Result<_, _>>()?)
        }
        ScriptData::Tuple(items) => {
            let items = items.into_iter().map(nested);
            ScriptData::Tuple(items.collect::<Result<_, _>>()?)
        }
        ScriptData::Dict(pairs) => {
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| Ok((nested(key)?, nested(value)?)));
            ScriptData::Dict(pairs.collect::<Result<_, ScriptError>>()?)
        }
        ScriptData::Struct { name, fields } => {
            let fields = fields
                .into_iter()
                .filter(|(name, _)| !name.starts_with('_'))
                .map(|(name, value)| Ok((name, nested(value)?)));
            let fields = fields.collect::<Result<_, ScriptError>>()?;
            ScriptData::Struct { name, fields }
        }
        ScriptData::Object(handle) => map(handle),
    })
}

impl<H: ScriptHandle> ScriptData<H> {
    /// The name of its Python type, for messages.
    ///
    /// ```
    /// use admin_runtime::script::ScriptValue;
    ///
    /// assert_eq!(ScriptValue::Float(0.5).type_name(), "float");
    /// assert_eq!(ScriptValue::Dict(vec![]).type_name(), "dict");
    /// assert_eq!(ScriptValue::None.type_name(), "NoneType");
    /// ```
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dict",
            Self::Struct { name, .. } => name,
            Self::Object(object) => object.class_name(),
        }
    }
}

impl<H: fmt::Debug> fmt::Debug for ScriptData<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(v) => v.fmt(f),
            Self::Int(v) => v.fmt(f),
            Self::Float(v) => v.fmt(f),
            Self::Str(v) => v.fmt(f),
            Self::Bytes(v) => f.debug_tuple("Bytes").field(v).finish(),
            Self::List(v) => f.debug_list().entries(v).finish(),
            Self::Tuple(v) => f.debug_tuple("Tuple").field(v).finish(),
            Self::Dict(v) => f
                .debug_map()
                .entries(v.iter().map(|(k, v)| (k, v)))
                .finish(),
            Self::Struct { name, fields } => {
                let mut shown = f.debug_struct(name);
                for (field, value) in fields {
                    shown.field(field, value);
                }
                shown.finish()
            }
            Self::Object(object) => object.fmt(f),
        }
    }
}

/// A float by its bits, since JSON has neither infinities nor NaN.
mod float_bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        value.to_bits().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}

/// Fields as one map: a level of nesting less than a list of pairs, so that readers of JSON, which
/// bound the nesting, accept every value within the limits.
mod field_map {
    use std::fmt;
    use std::marker::PhantomData;

    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    type Fields<T> = Vec<(String, T)>;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        fields: &Fields<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Fields<T>, D::Error> {
        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }

    struct FieldsVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldsVisitor<T> {
        type Value = Fields<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of fields")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<T>, A::Error> {
            let mut fields = Vec::new();
            while let Some(field) = map.next_entry()? {
                fields.push(field);
            }
            Ok(fields)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::{MAX_DEPTH, MAX_NODES};
    use super::*;

    type Data = ScriptData<u8>;

    fn in_struct(value: Data) -> Data {
        let fields = vec![("field".to_owned(), value)];
        let name = "Record".to_owned();
        Data::Struct { name, fields }
    }

    fn same(value: Data) -> Result<Data, ScriptError> {
        value.map_handles(Data::Object)
    }

    #[test]
    fn handles_are_replaced_wherever_they_are() {
        let value = |handle: fn() -> Data| {
            Data::Tuple(vec![
                in_struct(handle()),
                Data::Dict(vec![(Data::Int(1), Data::List(vec![handle()]))]),
            ])
        };
        let replaced = value(|| Data::Object(1)).map_handles(|_| Data::Str("one".to_owned()));
        assert_eq!(replaced.unwrap(), value(|| Data::Str("one".to_owned())));
    }

    #[test]
    fn private_fields_are_left_out() {
        let field = |name: &str| (name.to_owned(), Data::None);
        let with = |fields| Data::Struct {
            name: "Record".to_owned(),
            fields,
        };
        let mapped = same(with(vec![field("_secret"), field("shown")]));
        assert_eq!(mapped.unwrap(), with(vec![field("shown")]));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = |levels| (0..levels).fold(Data::None, |inner, _| Data::List(vec![inner]));
        assert!(same(deep(MAX_DEPTH)).is_ok());
        let error = same(deep(MAX_DEPTH + 1)).unwrap_err();
        assert_eq!(error.message(), "the value is nested deeper than 40 levels");
        let large = |items| Data::List(vec![Data::None; items]);
        assert!(same(large(MAX_NODES)).is_ok());
        let error = same(large(MAX_NODES + 1)).unwrap_err();
        assert_eq!(error.message(), "the value has more than 200000 parts");
    }

    #[test]
    fn every_value_survives_json() {
        let scalars = vec![
            Data::None,
            Data::Bool(true),
            Data::Int(i128::MIN),
            Data::Int(i128::MAX),
            Data::Float(f64::NEG_INFINITY),
            Data::Float(-0.0),
            Data::Str("größe\0".to_owned()),
            Data::Bytes(vec![0, 255]),
            Data::Object(7),
        ];
        let value = in_struct(Data::Dict(vec![(Data::Int(1), Data::Tuple(scalars))]));
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Data>(&json).unwrap(), value);
        let nan = serde_json::to_string(&Data::Float(f64::NAN)).unwrap();
        let read = serde_json::from_str::<Data>(&nan).unwrap();
        assert!(matches!(read, Data::Float(value) if value.is_nan()));
    }

    #[test]
    fn the_deepest_values_survive_json() {
        let in_dict = |value| Data::Dict(vec![(Data::None, value)]);
        for wrap in [in_struct as fn(Data) -> Data, in_dict] {
            let value = (0..MAX_DEPTH).fold(Data::None, |inner, _| wrap(inner));
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Data>(&json).unwrap(), value);
        }
    }
}
