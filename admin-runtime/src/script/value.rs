//! The values that pass from Rust to a script and back as arguments.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::data::{ScriptData, ScriptHandle};
use super::{ScriptError, ScriptObject};

/// A value of this process: the handles are the live objects.
///
/// ```
/// use admin_runtime::script::ScriptValue;
///
/// let block = ScriptValue::Struct {
///     name: "Block".to_owned(),
///     fields: vec![
///         ("digest".to_owned(), ScriptValue::Bytes(vec![0xca, 0xfe])),
///         ("shape".to_owned(), ScriptValue::Tuple(vec![ScriptValue::Int(27), ScriptValue::None])),
///     ],
/// };
/// assert_eq!(block.type_name(), "Block");
/// assert_eq!(format!("{block:?}"), "Block { digest: Bytes([202, 254]), shape: Tuple([27, None]) }");
/// ```
pub type ScriptValue = ScriptData<Arc<dyn ScriptObject>>;

impl ScriptHandle for Arc<dyn ScriptObject> {
    fn class_name(&self) -> &str {
        (**self).class_name()
    }
}

/// What an attribute or a method of a script object may return.
///
/// Implemented for numbers, text, `Option`, `Vec`, arrays, tuples, maps, `Result` (the error is
/// raised in the script) and every script object, owned or in an [`Arc`]. Any other type that
/// implements `serde::Serialize` is returned as [`Serialized(value)`](super::Serialized).
///
/// ```
/// use admin_runtime::script::{IntoScriptValue, ScriptError, ScriptValue};
///
/// struct Percent(u8);
///
/// impl IntoScriptValue for Percent {
///     fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
///         Ok(ScriptValue::Float(f64::from(self.0) / 100.0))
///     }
/// }
/// let seen = vec![Some(Percent(25)), None].into_script_value()?;
/// assert_eq!(format!("{seen:?}"), "[0.25, None]");
/// # Ok::<(), ScriptError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that a script can see",
    note = "return `admin_runtime::script::Serialized(value)` for a type that implements \
            `serde::Serialize`, or mark its `impl` block with `#[script_object]`"
)]
pub trait IntoScriptValue {
    /// The value, or the exception to raise.
    ///
    /// # Errors
    ///
    /// What the script sees raised where it read the attribute or called the method.
    fn into_script_value(self) -> Result<ScriptValue, ScriptError>;
}

#[diagnostic::do_not_recommend]
impl IntoScriptValue for ScriptValue {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoScriptValue for Arc<dyn ScriptObject> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        Ok(ScriptValue::Object(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptObject> IntoScriptValue for Arc<T> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        Ok(ScriptValue::Object(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoScriptValue, E: Into<ScriptError>> IntoScriptValue for Result<T, E> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        self.map_err(Into::into)?.into_script_value()
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoScriptValue> IntoScriptValue for Option<T> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        self.map_or(Ok(ScriptValue::None), T::into_script_value)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoScriptValue> IntoScriptValue for Vec<T> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        let items = self.into_iter().map(T::into_script_value);
        items.collect::<Result<_, _>>().map(ScriptValue::List)
    }
}

/// An array is of fixed length, as a tuple is.
#[diagnostic::do_not_recommend]
impl<T: IntoScriptValue, const N: usize> IntoScriptValue for [T; N] {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        let items = self.into_iter().map(T::into_script_value);
        items.collect::<Result<_, _>>().map(ScriptValue::Tuple)
    }
}

fn dict<K: IntoScriptValue, V: IntoScriptValue>(
    pairs: impl Iterator<Item = (K, V)>,
) -> Result<ScriptValue, ScriptError> {
    pairs
        .map(|(k, v)| Ok((k.into_script_value()?, v.into_script_value()?)))
        .collect::<Result<_, _>>()
        .map(ScriptValue::Dict)
}

#[diagnostic::do_not_recommend]
impl<K: IntoScriptValue, V: IntoScriptValue> IntoScriptValue for BTreeMap<K, V> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        dict(self.into_iter())
    }
}

#[diagnostic::do_not_recommend]
impl<K: IntoScriptValue, V: IntoScriptValue, S> IntoScriptValue for HashMap<K, V, S> {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        dict(self.into_iter())
    }
}

macro_rules! plain {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoScriptValue for $type {
            fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
                Ok(ScriptValue::$variant(self.into()))
            }
        }
    )*};
}

plain! {
    bool => Bool, i8 => Int, i16 => Int, i32 => Int, i64 => Int, i128 => Int, u8 => Int,
    u16 => Int, u32 => Int, u64 => Int, f32 => Float, f64 => Float, String => Str, &str => Str,
    Box<str> => Str, char => Str,
}

#[diagnostic::do_not_recommend]
impl IntoScriptValue for usize {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        (self as u64).into_script_value() // no platform has a wider one
    }
}

#[diagnostic::do_not_recommend]
impl IntoScriptValue for isize {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        (self as i64).into_script_value() // no platform has a wider one
    }
}

#[diagnostic::do_not_recommend]
impl IntoScriptValue for () {
    fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
        Ok(ScriptValue::None)
    }
}

macro_rules! tuples {
    ($(($($name:ident),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: IntoScriptValue),+> IntoScriptValue for ($($name,)+) {
            fn into_script_value(self) -> Result<ScriptValue, ScriptError> {
                #[expect(non_snake_case, reason = "the type's name serves as the variable's")]
                let ($($name,)+) = self;
                Ok(ScriptValue::Tuple(vec![$($name.into_script_value()?),+]))
            }
        }
    )*};
}

tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G)
(A, B, C, D, E, F, G, H) }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn std_types_become_their_python_counterparts() {
        let shape = (27_u32, 1_u8, 64_i64, 1_usize, 576_u64).into_script_value();
        assert_eq!(
            format!("{:?}", shape.unwrap()),
            "Tuple([27, 1, 64, 1, 576])"
        );
        let mixed = vec![Some("a"), None].into_script_value().unwrap();
        assert_eq!(format!("{mixed:?}"), r#"["a", None]"#);
        let map = BTreeMap::from([("k", [1.5])]).into_script_value().unwrap();
        assert_eq!(format!("{map:?}"), r#"{"k": Tuple([1.5])}"#);
        assert_eq!(
            format!("{:?}", u64::MAX.into_script_value().unwrap()),
            "18446744073709551615"
        );
    }

    #[test]
    fn an_error_is_raised_and_not_returned() {
        let failed: Result<u8, std::num::ParseIntError> = "x".parse();
        assert_eq!(
            failed.into_script_value().unwrap_err().message(),
            "invalid digit found in string"
        );
    }
}
