//! A call's arguments: which names they belong to, and their Rust types.

use std::collections::BTreeMap;

use super::{ScriptError, ScriptValue};

/// The arguments of a call, as the script wrote them.
///
/// ```
/// use admin_runtime::script::{FromScriptValue, ScriptArgs, ScriptValue};
///
/// // engine.lookup(7, pin=True)
/// let pin = ("pin".to_owned(), ScriptValue::Bool(true));
/// let args = ScriptArgs::new(vec![ScriptValue::Int(7)], vec![pin]);
/// let [tokens, pin] = args.bind("Engine.lookup", [("tokens", true), ("pin", false)])?;
/// assert_eq!(u32::argument("Engine.lookup", "tokens", tokens)?, 7);
/// assert_eq!(Option::<bool>::argument("Engine.lookup", "pin", pin)?, Some(true));
/// # Ok::<(), admin_runtime::script::ScriptError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ScriptArgs {
    /// Those without a name, in order.
    pub positional: Vec<ScriptValue>,
    /// Those written `name=value`, in order.
    pub keyword: Vec<(String, ScriptValue)>,
}

impl ScriptArgs {
    /// Arguments without a name, then those with one, each in order.
    #[must_use]
    pub fn new(positional: Vec<ScriptValue>, keyword: Vec<(String, ScriptValue)>) -> Self {
        Self {
            positional,
            keyword,
        }
    }

    /// Assigns each argument to a parameter, with Python's messages for arguments that do not fit.
    ///
    /// `method` is shown (`Engine.lookup`); `parameters` are names and whether each is required,
    /// in order. The result has one entry for each parameter.
    ///
    /// ```
    /// use admin_runtime::script::ScriptArgs;
    ///
    /// let bound = ScriptArgs::default().bind("Engine.lookup", [("tokens", true), ("pin", false)]);
    /// assert_eq!(
    ///     bound.map_err(|error| error.to_string()).err().as_deref(),
    ///     Some("Engine.lookup() missing 1 required positional argument: 'tokens'"),
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// A `TypeError` for too many, a missing, an unknown or a repeated argument.
    pub fn bind<const N: usize>(
        self,
        method: &str,
        parameters: [(&str, bool); N],
    ) -> Result<[Option<ScriptValue>; N], ScriptError> {
        let given = self.positional.len();
        if given > N {
            return Err(ScriptError::type_error(too_many(
                method,
                &parameters,
                given,
            )));
        }
        let mut bound = [const { None }; N];
        for (place, value) in bound.iter_mut().zip(self.positional) {
            *place = Some(value);
        }
        for (name, value) in self.keyword {
            let Some(at) = parameters.iter().position(|(known, _)| *known == name) else {
                return Err(ScriptError::type_error(format!(
                    "{method}() got an unexpected keyword argument '{name}'"
                )));
            };
            if bound[at].replace(value).is_some() {
                return Err(ScriptError::type_error(format!(
                    "{method}() got multiple values for argument '{name}'"
                )));
            }
        }
        let missing: Vec<&str> = parameters
            .iter()
            .zip(&bound)
            .filter(|((_, required), value)| *required && value.is_none())
            .map(|((name, _), _)| *name)
            .collect();
        if missing.is_empty() {
            Ok(bound)
        } else {
            Err(ScriptError::type_error(lacking(method, &missing)))
        }
    }
}

/// Python counts `self` on both sides.
fn too_many(method: &str, parameters: &[(&str, bool)], given: usize) -> String {
    let most = parameters.len() + 1;
    let least = parameters.iter().filter(|(_, required)| *required).count() + 1;
    let takes = if least == most {
        most.to_string()
    } else {
        format!("from {least} to {most}")
    };
    let plural = if most == 1 { "" } else { "s" };
    format!(
        "{method}() takes {takes} positional argument{plural} but {} were given",
        given + 1
    )
}

fn lacking(method: &str, missing: &[&str]) -> String {
    let quoted: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let (names, plural) = match quoted.as_slice() {
        [one] => (one.clone(), ""),
        [first, second] => (format!("{first} and {second}"), "s"),
        [head @ .., last] => (format!("{}, and {last}", head.join(", ")), "s"),
        [] => (String::new(), "s"),
    };
    format!(
        "{method}() missing {} required positional argument{plural}: {names}",
        missing.len()
    )
}

/// A Rust type that a method of a script object can take.
///
/// Implement it for your own types; [`EXPECTED`](Self::EXPECTED) completes the message "argument 'x'
/// must be …, not str".
///
/// ```
/// use admin_runtime::script::{FromScriptValue, ScriptValue};
///
/// #[derive(Debug)]
/// enum Tier { Cpu, Disk }
///
/// impl FromScriptValue for Tier {
///     const EXPECTED: &'static str = "'cpu' or 'disk'";
///     fn from_script_value(value: ScriptValue) -> Option<Self> {
///         match String::from_script_value(value)?.as_str() {
///             "cpu" => Some(Self::Cpu),
///             "disk" => Some(Self::Disk),
///             _ => None,
///         }
///     }
/// }
/// # assert!(matches!(Tier::from_script_value(ScriptValue::Str("cpu".into())), Some(Tier::Cpu)));
/// # assert!(matches!(Tier::from_script_value(ScriptValue::Str("disk".into())), Some(Tier::Disk)));
///
/// let error = Tier::argument("Engine.clear", "tier", Some(ScriptValue::Int(3))).unwrap_err();
/// assert_eq!(error.message(), "Engine.clear() argument 'tier' must be 'cpu' or 'disk', not 3");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that scripts can give",
    note = "take `u64`, `String`, `Vec<_>`, `Option<_>` or another type that implements \
            `admin_runtime::script::FromScriptValue`, or implement it"
)]
pub trait FromScriptValue: Sized {
    /// A description of accepted values, with its article: `an integer from 0 to 255`.
    const EXPECTED: &'static str;

    /// Converts the value, or returns `None` if it does not fit.
    ///
    /// ```
    /// use admin_runtime::script::{FromScriptValue, ScriptValue};
    ///
    /// assert_eq!(u8::from_script_value(ScriptValue::Int(255)), Some(255));
    /// assert_eq!(u8::from_script_value(ScriptValue::Int(256)), None);
    /// assert_eq!(u8::from_script_value(ScriptValue::Str("255".to_owned())), None);
    /// ```
    fn from_script_value(value: ScriptValue) -> Option<Self>;

    /// Whether an argument of this type is required.
    const REQUIRED: bool = true;

    /// The value of an argument that is left out, or `None` if the argument is required.
    ///
    /// ```
    /// use admin_runtime::script::FromScriptValue;
    ///
    /// assert_eq!(u8::absent(), None);
    /// assert_eq!(Option::<u8>::absent(), Some(None));
    /// ```
    fn absent() -> Option<Self> {
        None
    }

    /// The value of one bound argument.
    ///
    /// ```
    /// use admin_runtime::script::{FromScriptValue, ScriptValue};
    ///
    /// let error = u8::argument("Engine.pin", "count", Some(ScriptValue::Int(-1))).unwrap_err();
    /// assert_eq!(
    ///     error.message(),
    ///     "Engine.pin() argument 'count' must be an integer from 0 to 255, not -1",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// A `TypeError` that names the method, the argument, what fits and what was given.
    fn argument(method: &str, name: &str, value: Option<ScriptValue>) -> Result<Self, ScriptError> {
        let given = value
            .as_ref()
            .map_or_else(|| "nothing".to_owned(), describe);
        let fitting = match value {
            Some(value) => Self::from_script_value(value),
            None => Self::absent(),
        };
        fitting.ok_or_else(|| {
            let expected = Self::EXPECTED;
            ScriptError::type_error(format!(
                "{method}() argument '{name}' must be {expected}, not {given}"
            ))
        })
    }
}

/// Numbers by value, since the range may be what is wrong; everything else by type.
fn describe(value: &ScriptValue) -> String {
    match value {
        ScriptValue::Int(number) => number.to_string(),
        other => other.type_name().to_owned(),
    }
}

#[diagnostic::do_not_recommend]
impl FromScriptValue for ScriptValue {
    const EXPECTED: &'static str = "a value";
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        Some(value)
    }
}

#[diagnostic::do_not_recommend]
impl FromScriptValue for bool {
    const EXPECTED: &'static str = "a bool";
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        if let ScriptValue::Bool(value) = value {
            Some(value)
        } else {
            None
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromScriptValue for String {
    const EXPECTED: &'static str = "a str";
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        if let ScriptValue::Str(value) = value {
            Some(value)
        } else {
            None
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromScriptValue for f64 {
    const EXPECTED: &'static str = "a number";
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        match value {
            ScriptValue::Float(value) => Some(value),
            ScriptValue::Int(value) => Some(value as f64), // rounds as Python's float() does
            ScriptValue::Bool(value) => Some(f64::from(u8::from(value))), // an int in Python
            _ => None,
        }
    }
}

macro_rules! integers {
    ($($type:ty: $expected:literal),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl FromScriptValue for $type {
            const EXPECTED: &'static str = $expected;
            fn from_script_value(value: ScriptValue) -> Option<Self> {
                match value {
                    ScriptValue::Int(value) => value.try_into().ok(),
                    ScriptValue::Bool(value) => Some(value.into()), // a bool is an int in Python
                    _ => None,
                }
            }
        }
    )*};
}

integers! {
    u8: "an integer from 0 to 255", u16: "an integer from 0 to 65535",
    u32: "an integer from 0 to 4294967295", u64: "an integer from 0 to 18446744073709551615",
    i8: "an integer from -128 to 127", i16: "an integer from -32768 to 32767",
    i32: "an integer of 32 bits", i64: "an integer of 64 bits", i128: "an integer",
    usize: "an integer that is not negative", isize: "an integer of 64 bits",
}

#[diagnostic::do_not_recommend]
impl<T: FromScriptValue> FromScriptValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const REQUIRED: bool = false;
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        match value {
            ScriptValue::None => Some(None),
            value => T::from_script_value(value).map(Some),
        }
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromScriptValue> FromScriptValue for Vec<T> {
    const EXPECTED: &'static str = "a list whose items all fit";
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        match value {
            ScriptValue::List(items) | ScriptValue::Tuple(items) => {
                items.into_iter().map(T::from_script_value).collect()
            }
            _ => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromScriptValue> FromScriptValue for BTreeMap<String, T> {
    const EXPECTED: &'static str = "a dict from str to values that fit";
    fn from_script_value(value: ScriptValue) -> Option<Self> {
        let ScriptValue::Dict(pairs) = value else {
            return None;
        };
        pairs
            .into_iter()
            .map(|(key, value)| {
                Some((
                    String::from_script_value(key)?,
                    T::from_script_value(value)?,
                ))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKUP: [(&str, bool); 2] = [("tokens", true), ("pin", false)];

    fn message(args: ScriptArgs) -> String {
        args.bind("Engine.lookup", LOOKUP)
            .unwrap_err()
            .message()
            .to_owned()
    }

    fn positional(count: usize) -> ScriptArgs {
        ScriptArgs {
            positional: vec![ScriptValue::None; count],
            keyword: Vec::new(),
        }
    }

    fn keyword(names: &[&str]) -> ScriptArgs {
        let keyword = names
            .iter()
            .map(|name| ((*name).to_owned(), ScriptValue::None))
            .collect();
        ScriptArgs {
            positional: Vec::new(),
            keyword,
        }
    }

    #[test]
    fn wrong_arguments_raise_the_errors_of_python() {
        let cases = [
            (
                positional(3),
                "Engine.lookup() takes from 2 to 3 positional arguments but 4 were given",
            ),
            (
                positional(0),
                "Engine.lookup() missing 1 required positional argument: 'tokens'",
            ),
            (
                keyword(&["x"]),
                "Engine.lookup() got an unexpected keyword argument 'x'",
            ),
            (
                ScriptArgs {
                    keyword: keyword(&["tokens"]).keyword,
                    ..positional(1)
                },
                "Engine.lookup() got multiple values for argument 'tokens'",
            ),
        ];
        for (args, expected) in cases {
            assert_eq!(message(args), expected);
        }
        let none = positional(1)
            .bind("Metadata.is_first_rank", [])
            .unwrap_err();
        assert_eq!(
            none.message(),
            "Metadata.is_first_rank() takes 1 positional argument but 2 were given"
        );
    }

    #[test]
    fn a_wrong_type_names_argument_and_types() {
        let given = Some(ScriptValue::Int(-1));
        assert_eq!(
            u8::argument("Engine.pin", "count", given)
                .unwrap_err()
                .message(),
            "Engine.pin() argument 'count' must be an integer from 0 to 255, not -1"
        );
        assert_eq!(
            Option::<u8>::argument("Engine.pin", "count", None).unwrap(),
            None
        );
    }
}
