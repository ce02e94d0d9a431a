//! Values of path and query parameters.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// A value in the path or the query of a request.
///
/// Implemented for std's types; there is no blanket implementation over `FromStr`, which would forbid `yes` and
/// `on` for `bool`. A type that has `FromStr` needs one line: [`param!`](crate::param).
///
/// ```
/// use admin_runtime::Param;
///
/// #[derive(Debug, PartialEq)]
/// struct Percent(u8);
///
/// impl Param for Percent {
///     const EXPECTED: &'static str = "an integer from 0 to 100";
///     const JSON_TYPE: &'static str = "integer";
///     const JSON_SCHEMA: &'static str = r#"{"minimum": 0, "maximum": 100}"#;
///
///     fn parse(text: &str) -> Option<Self> {
///         text.parse().ok().filter(|percent| *percent <= 100).map(Self)
///     }
/// }
///
/// assert_eq!(Percent::parse("42"), Some(Percent(42)));
/// assert_eq!(Percent::parse("101"), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of the path or query",
    label = "not a `Param`",
    note = "std's numbers, `bool`, `char`, `String`, `PathBuf` and IP addresses are; for a type of yours with `FromStr`, add `admin_runtime::param!({Self}, \"what a value looks like\");`"
)]
pub trait Param: Sized + Send + 'static {
    /// What a value looks like, in words that complete "expected ...".
    const EXPECTED: &'static str;

    /// The JSON Schema type: `string`, `integer`, `number` or `boolean`.
    const JSON_TYPE: &'static str = "string";

    /// Further keywords of JSON Schema for the OpenAPI document, as a JSON object: `{"maximum":
    /// 100}`, `{"enum": ["hot", "cold"]}`. `build()` refuses anything but an object.
    const JSON_SCHEMA: &'static str = "";

    /// The value of a text, decoded already; `None` where it is not one.
    fn parse(text: &str) -> Option<Self>;

    /// The whole error message for a text that [`parse`](Self::parse) refuses. `None`, the default,
    /// is the usual message, which names the parameter, the text and [`EXPECTED`](Self::EXPECTED).
    ///
    /// The text is what a client sent: shorten and escape it with [`excerpt`](crate::text::excerpt).
    ///
    /// ```standalone_crate
    /// use admin_runtime::text::excerpt;
    /// use admin_runtime::{AdminServer, Param, admin_endpoint};
    ///
    /// struct Shard(u8);
    ///
    /// impl Param for Shard {
    ///     const EXPECTED: &'static str = "an integer from 0 to 15";
    ///
    ///     fn parse(text: &str) -> Option<Self> {
    ///         text.parse().ok().filter(|shard| *shard < 16).map(Self)
    ///     }
    ///
    ///     fn error_message(text: &str) -> Option<String> {
    ///         Some(format!("ERR unknown shard {}", excerpt(text, 20)))
    ///     }
    /// }
    ///
    /// #[admin_endpoint(path = "/shard")]
    /// async fn shard(id: Shard) -> String {
    ///     format!("shard {}", id.0)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder().build()?;
    /// assert_eq!(server.test_client().get("/shard?id=7").await.text(), "shard 7");
    /// let refused = server.test_client().get("/shard?id=77").await;
    /// assert_eq!((refused.status().as_u16(), refused.text()), (400, "ERR unknown shard 77"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    fn error_message(text: &str) -> Option<String> {
        let _ = text;
        None
    }
}

/// Makes a type with `FromStr` a [`Param`]; the text completes "expected ...". A third argument is
/// its [`JSON_SCHEMA`](crate::Param::JSON_SCHEMA).
///
/// ```
/// #[derive(Debug)]
/// struct Tier;
/// impl std::str::FromStr for Tier {
///     type Err = ();
///     fn from_str(_: &str) -> Result<Self, ()> {
///         Ok(Tier)
///     }
/// }
/// admin_runtime::param!(Tier, "one of hot, warm, cold");
/// ```
#[macro_export]
macro_rules! param {
    ($type:ty, $expected:literal $(, $json_schema:literal)? $(,)?) => {
        impl $crate::Param for $type {
            const EXPECTED: &'static ::core::primitive::str = $expected;
            $(const JSON_SCHEMA: &'static ::core::primitive::str = $json_schema;)?

            fn parse(text: &::core::primitive::str) -> ::core::option::Option<Self> {
                ::core::result::Result::ok(::core::str::FromStr::from_str(text))
            }
        }
    };
}

macro_rules! from_str {
    ($($type:ty: $expected:literal, $json_type:literal, $json_schema:literal;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Param for $type {
            const EXPECTED: &'static str = $expected;
            const JSON_TYPE: &'static str = $json_type;
            const JSON_SCHEMA: &'static str = $json_schema;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

from_str! {
    u8: "an integer from 0 to 255", "integer", r#"{"minimum":0,"maximum":255}"#;
    u16: "an integer from 0 to 65535", "integer", r#"{"minimum":0,"maximum":65535}"#;
    u32: "an integer from 0 to 4294967295", "integer", r#"{"minimum":0,"maximum":4294967295}"#;
    u64: "an integer from 0 to 18446744073709551615", "integer", r#"{"minimum":0,"maximum":18446744073709551615}"#;
    u128: "an integer of at most 128 bits, from 0", "integer", r#"{"minimum":0}"#;
    usize: "an integer from 0", "integer", r#"{"minimum":0}"#;
    i8: "an integer from -128 to 127", "integer", r#"{"minimum":-128,"maximum":127}"#;
    i16: "an integer from -32768 to 32767", "integer", r#"{"minimum":-32768,"maximum":32767}"#;
    i32: "an integer from -2147483648 to 2147483647", "integer", r#"{"minimum":-2147483648,"maximum":2147483647}"#;
    i64: "an integer from -9223372036854775808 to 9223372036854775807", "integer", r#"{"minimum":-9223372036854775808,"maximum":9223372036854775807}"#;
    i128: "an integer of at most 128 bits", "integer", "";
    isize: "an integer", "integer", "";
    f32: "a number", "number", "";
    f64: "a number", "number", "";
    char: "one character", "string", r#"{"minLength":1,"maxLength":1}"#;
    String: "text", "string", "";
    PathBuf: "a path", "string", "";
    IpAddr: "an IP address", "string", "";
    Ipv4Addr: "an IPv4 address", "string", r#"{"format":"ipv4"}"#;
    Ipv6Addr: "an IPv6 address", "string", r#"{"format":"ipv6"}"#;
    SocketAddr: "an IP address and a port", "string", "";
}

#[diagnostic::do_not_recommend]
impl Param for bool {
    const EXPECTED: &'static str = "one of true, false, 1, 0, yes, no, on, off";
    const JSON_TYPE: &'static str = "boolean";

    fn parse(text: &str) -> Option<Self> {
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if ["true", "1", "yes", "on"].iter().any(|word| is(word)) {
            return Some(true);
        }
        ["false", "0", "no", "off"]
            .iter()
            .any(|word| is(word))
            .then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_accept_the_words_in_any_case() {
        for word in ["true", "1", "yes", "on", "TRUE", "Yes", "oN"] {
            assert_eq!(bool::parse(word), Some(true), "{word}");
        }
        for word in ["false", "0", "no", "off", "False", "NO", "oFF"] {
            assert_eq!(bool::parse(word), Some(false), "{word}");
        }
        for word in ["", "t", "2", "truee", " true", "ja"] {
            assert_eq!(bool::parse(word), None, "{word}");
        }
    }

    #[test]
    fn numbers_refuse_what_does_not_fit() {
        assert_eq!(u8::parse("255"), Some(255));
        assert_eq!(u8::parse("256"), None);
        assert_eq!(u8::parse("-1"), None);
        assert_eq!(i8::parse("-128"), Some(-128));
        assert_eq!(u32::parse("1.0"), None);
        assert_eq!(u32::parse(""), None);
    }
}
