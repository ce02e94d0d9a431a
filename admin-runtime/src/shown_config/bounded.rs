//! A value as JSON of bounded depth and size.
//!
//! `serde_json::to_value` has no bounds: a value of some thousand levels would overflow the stack,
//! which ends the process.

use std::cell::Cell;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Map, Number, Value};

use super::error::{MAX_BYTES, MAX_DEPTH, ShownValueError};

type Result<T> = std::result::Result<T, ShownValueError>;

/// The value as JSON.
///
/// # Errors
///
/// If it is too deep or too large, a key is not a text, or it cannot be serialised.
pub(super) fn to_bounded_value(value: &(impl Serialize + ?Sized)) -> Result<Value> {
    let left = Cell::new(MAX_BYTES);
    let left = &left;
    value.serialize(BoundedSerializer { left, depth: 0 })
}

/// Serialises one value.
#[derive(Clone, Copy)]
struct BoundedSerializer<'b> {
    /// How many bytes may still be added.
    left: &'b Cell<usize>,
    depth: usize,
}

impl BoundedSerializer<'_> {
    /// Counts bytes before they are kept.
    fn count(&self, bytes: usize) -> Result<()> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.ok_or(ShownValueError::TooLarge)?);
        Ok(())
    }

    /// For what is inside of this value.
    fn deeper(self) -> Result<Self> {
        if self.depth == MAX_DEPTH {
            return Err(ShownValueError::TooDeep);
        }
        let depth = self.depth + 1;
        Ok(Self { depth, ..self })
    }

    /// A text, a number, a truth value or null, which serde_json makes.
    fn plain(self, value: impl Serialize) -> Result<Value> {
        let value = serde_json::to_value(value);
        let value = value.map_err(|error| ShownValueError::Failed(error.to_string()))?;
        self.count(match &value {
            Value::Number(number) => number.to_string().len() + 1,
            _ => "false,".len(),
        })?;
        Ok(value)
    }
}

impl<'b> BoundedSerializer<'b> {
    fn values(self, variant: Option<&'static str>) -> Result<BoundedValues<'b>> {
        self.count("[],".len())?;
        Ok(BoundedValues {
            inside: self.deeper()?,
            variant,
            values: Vec::new(), // a length that is announced is not trusted
        })
    }

    fn fields(self, variant: Option<&'static str>) -> Result<BoundedFields<'b>> {
        self.count("{},".len())?;
        Ok(BoundedFields {
            inside: self.deeper()?,
            variant,
            is_json_text: false,
            key: None,
            fields: Map::new(),
        })
    }
}

macro_rules! plain {
    ($($method:ident($type:ty)),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<Value> {
            self.plain(value)
        })*
    };
}

impl<'b> Serializer for BoundedSerializer<'b> {
    type Ok = Value;
    type Error = ShownValueError;
    type SerializeSeq = BoundedValues<'b>;
    type SerializeTuple = BoundedValues<'b>;
    type SerializeTupleStruct = BoundedValues<'b>;
    type SerializeTupleVariant = BoundedValues<'b>;
    type SerializeMap = BoundedFields<'b>;
    type SerializeStruct = BoundedFields<'b>;
    type SerializeStructVariant = BoundedFields<'b>;

    plain! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32),
        serialize_i64(i64), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
        serialize_u64(u64), serialize_f32(f32), serialize_f64(f64),
    }

    fn serialize_i128(self, value: i128) -> Result<Value> {
        match Number::from_i128(value) {
            Some(number) => self.plain(number),
            None => self.serialize_str(&value.to_string()),
        }
    }

    fn serialize_u128(self, value: u128) -> Result<Value> {
        match Number::from_u128(value) {
            Some(number) => self.plain(number),
            None => self.serialize_str(&value.to_string()),
        }
    }

    fn serialize_char(self, value: char) -> Result<Value> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Value> {
        self.count(value.len() + 3)?;
        Ok(Value::String(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value> {
        let mut values = self.values(None)?;
        value.iter().try_for_each(|byte| values.push(byte))?;
        Ok(values.finish())
    }

    fn serialize_none(self) -> Result<Value> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self.deeper()?)
    }

    fn serialize_unit(self) -> Result<Value> {
        self.plain(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &'static str) -> Result<Value> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T>(self, _: &'static str, value: &T) -> Result<Value>
    where
        T: Serialize + ?Sized,
    {
        value.serialize(self.deeper()?)
    }

    fn serialize_newtype_variant<T>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value>
    where
        T: Serialize + ?Sized,
    {
        let mut fields = self.fields(None)?;
        fields.set(variant, value)?;
        Ok(fields.finish())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<BoundedValues<'b>> {
        self.values(None)
    }

    fn serialize_tuple(self, _: usize) -> Result<BoundedValues<'b>> {
        self.values(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<BoundedValues<'b>> {
        self.values(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<BoundedValues<'b>> {
        self.values(Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<BoundedFields<'b>> {
        self.fields(None)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<BoundedFields<'b>> {
        let mut fields = self.fields(None)?;
        fields.is_json_text = JSON_TEXT_STRUCTS.contains(&name);
        Ok(fields)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<BoundedFields<'b>> {
        self.fields(Some(variant))
    }
}

/// The value as that of an enum: below the name of its variant.
fn of_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Object(Map::from_iter([(variant.to_owned(), value)])),
        None => value,
    }
}

/// A list that is being serialised.
struct BoundedValues<'b> {
    inside: BoundedSerializer<'b>,
    variant: Option<&'static str>,
    values: Vec<Value>,
}

impl BoundedValues<'_> {
    fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.values.push(value.serialize(self.inside)?);
        Ok(())
    }

    fn finish(self) -> Value {
        of_variant(self.variant, Value::Array(self.values))
    }
}

macro_rules! list {
    ($($r#trait:ident::$method:ident),* $(,)?) => {
        $(impl $r#trait for BoundedValues<'_> {
            type Ok = Value;
            type Error = ShownValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.push(value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.finish())
            }
        })*
    };
}

list! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field, SerializeTupleVariant::serialize_field,
}

/// Structs whose only field is JSON as a text: a raw value of serde_json, and a number, if a crate of the
/// program enables its feature `arbitrary_precision`.
const JSON_TEXT_STRUCTS: [&str; 2] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
];

/// An object that is being serialised.
struct BoundedFields<'b> {
    inside: BoundedSerializer<'b>,
    variant: Option<&'static str>,
    is_json_text: bool,
    key: Option<String>,
    fields: Map<String, Value>,
}

impl BoundedFields<'_> {
    fn set(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.inside.count(key.len() + 3)?;
        let value = value.serialize(self.inside)?;
        self.fields.insert(key.to_owned(), value);
        Ok(())
    }

    fn finish(self) -> Value {
        let text = self.fields.values().next().and_then(Value::as_str);
        match text.filter(|_| self.is_json_text).map(serde_json::from_str) {
            Some(Ok(value)) => value,
            _ => of_variant(self.variant, Value::Object(self.fields)),
        }
    }
}

impl SerializeMap for BoundedFields<'_> {
    type Ok = Value;
    type Error = ShownValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(match key.serialize(self.inside)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return Err(ShownValueError::Key),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self.key.take().ok_or(ShownValueError::Key)?;
        let value = value.serialize(self.inside)?;
        self.fields.insert(key, value);
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(self.finish())
    }
}

macro_rules! object {
    ($($r#trait:ident),* $(,)?) => {
        $(impl $r#trait for BoundedFields<'_> {
            type Ok = Value;
            type Error = ShownValueError;

            fn serialize_field<T>(&mut self, key: &'static str, value: &T) -> Result<()>
            where
                T: Serialize + ?Sized,
            {
                self.set(key, value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.finish())
            }
        })*
    };
}

object! { SerializeStruct, SerializeStructVariant }
