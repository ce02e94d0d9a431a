//! Any `serde::Serialize` value as a script value: structs by attribute, tuples as tuples.

use std::fmt;

use serde::{Serialize, ser};

use super::budget::Budget;
use super::{IntoScriptValue, ScriptError, ScriptErrorKind, ScriptValue};

/// A value shown to scripts through its `serde::Serialize`.
///
/// Structs get their fields as attributes, tuples and tuple structs are tuples, sequences lists,
/// maps dicts, `None` and units `None`. An enum's variant is its name, or a dict from the name to
/// what it holds. It is a copy: reading it later shows what was true at the lookup.
///
/// ```
/// use admin_runtime::script::{IntoScriptValue, Serialized};
///
/// #[derive(serde::Serialize)]
/// struct Config { chunk_size: u32, remote_url: Option<String> }
///
/// let shown = Serialized(Config { chunk_size: 256, remote_url: None }).into_script_value()?;
/// assert_eq!(format!("{shown:?}"), "Config { chunk_size: 256, remote_url: None }");
/// # Ok::<(), admin_runtime::script::ScriptError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Serialized<T>(pub T);

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoScriptValue for Serialized<T> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        let mut budget = Budget::default();
        self.0
            .serialize(Encoder(&mut budget))
            .map_err(|SerializationError(message)| {
                ScriptError::new(ScriptErrorKind::Value, message)
            })
    }
}

/// Why a value cannot be shown.
#[derive(Debug)]
struct SerializationError(String);

impl fmt::Display for SerializationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SerializationError {}

impl From<ScriptError> for SerializationError {
    fn from(error: ScriptError) -> Self {
        Self(error.message().to_owned())
    }
}

impl ser::Error for SerializationError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

type Shown = Result<ScriptValue, SerializationError>;

/// Encodes one value; every nested one is counted against the same budget.
struct Encoder<'a>(&'a mut Budget);

impl<'a> Encoder<'a> {
    fn nested<T: Serialize + ?Sized>(budget: &mut Budget, value: &T) -> Shown {
        budget.nested(|budget| value.serialize(Encoder(budget)))
    }

    fn parts(self, finish: Finish) -> Parts<'a> {
        Parts {
            budget: self.0,
            values: Vec::new(),
            fields: Vec::new(),
            key: None,
            finish,
        }
    }
}

/// What the parts become at the end.
enum Finish {
    List,
    Tuple,
    Dict,
    Struct(&'static str),
    /// An enum's variant around one of the others.
    Variant(&'static str, Box<Finish>),
}

/// The parts of a sequence, map or struct, collected until its end.
struct Parts<'a> {
    budget: &'a mut Budget,
    values: Vec<ScriptValue>,
    fields: Vec<(ScriptValue, ScriptValue)>,
    key: Option<ScriptValue>,
    finish: Finish,
}

impl Parts<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializationError> {
        self.values.push(Encoder::nested(self.budget, value)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), SerializationError> {
        let value = Encoder::nested(self.budget, value)?;
        self.fields.push((ScriptValue::Str(name.to_owned()), value));
        Ok(())
    }

    fn end(self) -> ScriptValue {
        finish(self.finish, self.values, self.fields)
    }
}

fn finish(
    how: Finish,
    values: Vec<ScriptValue>,
    fields: Vec<(ScriptValue, ScriptValue)>,
) -> ScriptValue {
    match how {
        Finish::List => ScriptValue::List(values),
        Finish::Tuple => ScriptValue::Tuple(values),
        Finish::Dict => ScriptValue::Dict(fields),
        Finish::Struct(name) => {
            let named = fields.into_iter().filter_map(|(key, value)| match key {
                ScriptValue::Str(key) => Some((key, value)),
                _ => None,
            });
            ScriptValue::Struct {
                name: name.to_owned(),
                fields: named.collect(),
            }
        }
        Finish::Variant(name, inner) => variant(name, finish(*inner, values, fields)),
    }
}

fn variant(name: &str, value: ScriptValue) -> ScriptValue {
    ScriptValue::Dict(vec![(ScriptValue::Str(name.to_owned()), value)])
}

macro_rules! scalars {
    ($($method:ident($type:ty) => $variant:ident),* $(,)?) => {$(
        fn $method(self, value: $type) -> Shown {
            Ok(ScriptValue::$variant(value.into()))
        }
    )*};
}

impl<'a> ser::Serializer for Encoder<'a> {
    type Ok = ScriptValue;
    type Error = SerializationError;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    scalars! {
        serialize_bool(bool) => Bool, serialize_i8(i8) => Int, serialize_i16(i16) => Int,
        serialize_i32(i32) => Int, serialize_i64(i64) => Int, serialize_i128(i128) => Int,
        serialize_u8(u8) => Int, serialize_u16(u16) => Int, serialize_u32(u32) => Int,
        serialize_u64(u64) => Int, serialize_f32(f32) => Float, serialize_f64(f64) => Float,
        serialize_char(char) => Str, serialize_str(&str) => Str, serialize_bytes(&[u8]) => Bytes,
    }

    fn serialize_u128(self, value: u128) -> Shown {
        let fits = i128::try_from(value);
        fits.map(ScriptValue::Int)
            .map_err(|_| SerializationError("an integer is beyond 127 bits".into()))
    }

    fn serialize_none(self) -> Shown {
        Ok(ScriptValue::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Shown {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Shown {
        Ok(ScriptValue::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Shown {
        Ok(ScriptValue::None)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Shown {
        Ok(ScriptValue::Str(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Shown {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Shown {
        Ok(variant(name, Self::nested(self.0, value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::List))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::Tuple))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::Tuple))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::Variant(name, Box::new(Finish::Tuple))))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::Dict))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::Struct(name)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, SerializationError> {
        Ok(self.parts(Finish::Variant(name, Box::new(Finish::Dict))))
    }
}

macro_rules! by_position {
    ($($trait:ident::$method:ident),*) => {$(
        impl ser::$trait for Parts<'_> {
            type Ok = ScriptValue;
            type Error = SerializationError;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializationError> {
                self.push(value)
            }
            fn end(self) -> Shown {
                Ok(self.end())
            }
        }
    )*};
}

by_position! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field, SerializeTupleVariant::serialize_field
}

macro_rules! by_name {
    ($($trait:ident),*) => {$(
        impl ser::$trait for Parts<'_> {
            type Ok = ScriptValue;
            type Error = SerializationError;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), SerializationError> {
                self.field(name, value)
            }
            fn end(self) -> Shown {
                Ok(self.end())
            }
        }
    )*};
}

by_name! { SerializeStruct, SerializeStructVariant }

impl ser::SerializeMap for Parts<'_> {
    type Ok = ScriptValue;
    type Error = SerializationError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializationError> {
        self.key = Some(Encoder::nested(self.budget, key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), SerializationError> {
        let key = self
            .key
            .take()
            .ok_or_else(|| SerializationError("a map gave a value first".into()))?;
        let value = Encoder::nested(self.budget, value)?;
        self.fields.push((key, value));
        Ok(())
    }

    fn end(self) -> Shown {
        Ok(Parts::end(self))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::budget::MAX_NODES;
    use super::*;

    #[derive(Serialize)]
    enum Tier {
        Cpu,
        Disk(u32),
        Remote { url: &'static str },
    }

    #[derive(Serialize)]
    struct Shape(u32, u32);

    #[derive(Serialize)]
    struct Config {
        shape: Shape,
        pair: (u8, f32),
        tiers: Vec<Tier>,
        names: BTreeMap<u8, &'static str>,
        none: Option<u8>,
        unit: (),
    }

    fn shown(value: impl Serialize) -> Result<String, String> {
        let value = Serialized(value).into_script_value();
        value
            .map(|value| format!("{value:?}"))
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn every_shape_of_data_has_its_python_shape() {
        let config = Config {
            shape: Shape(27, 1),
            pair: (1, 0.5),
            tiers: vec![Tier::Cpu, Tier::Disk(3), Tier::Remote { url: "x" }],
            names: BTreeMap::from([(7, "seven")]),
            none: None,
            unit: (),
        };
        assert_eq!(
            shown(config).unwrap(),
            "Config { shape: Tuple([27, 1]), pair: Tuple([1, 0.5]), \
             tiers: [\"Cpu\", {\"Disk\": 3}, {\"Remote\": {\"url\": \"x\"}}], \
             names: {7: \"seven\"}, none: None, unit: None }"
        );
    }

    #[test]
    fn depth_and_size_are_bounded() {
        #[derive(Serialize)]
        struct Deep(Option<Box<Deep>>, u8);
        let deep = (0..100).fold(Deep(None, 0), |inner, _| Deep(Some(Box::new(inner)), 0));
        assert_eq!(
            shown(deep).unwrap_err(),
            "the value is nested deeper than 40 levels"
        );
        let wide = vec![0_u8; MAX_NODES + 1];
        assert_eq!(
            shown(wide).unwrap_err(),
            "the value has more than 200000 parts"
        );
    }
}
