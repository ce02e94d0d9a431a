//! Values of every kind and of bad input.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::{Value, json};

use super::ShownConfigBuilder;
use super::bounded::to_bounded_value;
use super::error::{MAX_BYTES, MAX_DEPTH, ShownValueError};

#[derive(Serialize)]
enum Engine {
    Off,
    Path(&'static str),
    Pair(u8, i8),
    Fields { size: f32 },
}

#[derive(Serialize)]
struct Wrapped(Option<u16>);

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Pair(char, bool);

#[derive(Serialize)]
struct All {
    engines: Vec<Engine>,
    wrapped: Wrapped,
    none: Wrapped,
    unit: ((), Unit),
    pair: Pair,
    numbers: (u64, i64, f64, f64, i128, u128, u128),
    map: BTreeMap<u16, [u8; 2]>,
    flags: HashMap<bool, char, BuildHasherDefault<std::hash::DefaultHasher>>,
    text: &'static str,
}

fn all() -> All {
    All {
        engines: vec![
            Engine::Off,
            Engine::Path("/usr/bin/python3"),
            Engine::Pair(1, -1),
            Engine::Fields { size: 0.5 },
        ],
        wrapped: Wrapped(Some(7)),
        none: Wrapped(None),
        unit: ((), Unit),
        pair: Pair('é', true),
        numbers: (u64::MAX, i64::MIN, 0.1, f64::NAN, -5, 5, 1 << 63),
        map: BTreeMap::from([(80, [1, 2])]),
        flags: HashMap::from_iter([(true, 'x')]),
        text: "a\"b",
    }
}

#[test]
fn values_are_as_serde_json_writes_them() {
    let value = to_bounded_value(&all()).unwrap();
    assert_eq!(value, serde_json::to_value(all()).unwrap());
    let large = to_bounded_value(&(u128::MAX, i128::MIN)).unwrap();
    assert_eq!(large, json!([u128::MAX.to_string(), i128::MIN.to_string()]));
}

/// As `serde_json::value::RawValue` is serialised.
#[derive(Serialize)]
#[serde(rename = "$serde_json::private::RawValue")]
struct Raw {
    #[serde(rename = "$serde_json::private::RawValue")]
    text: &'static str,
}

#[test]
fn raw_json_is_shown_as_json() {
    let text = r#"{"size": [1, 2.5]}"#;
    let shown = to_bounded_value(&[Raw { text }]);
    assert_eq!(shown, Ok(json!([{"size": [1, 2.5]}])));
}

#[derive(Clone, Copy)]
enum Shape {
    List,
    Some,
    Newtype,
    Map,
    Variant,
}

/// As many values inside of each other as the number says.
struct Nested(usize, Shape);

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(left) = self.0.checked_sub(1) else {
            return serializer.serialize_unit();
        };
        let inner = Self(left, self.1);
        match self.1 {
            Shape::List => serializer.collect_seq([inner]),
            Shape::Some => serializer.serialize_some(&inner),
            Shape::Newtype => serializer.serialize_newtype_struct("Nested", &inner),
            Shape::Map => serializer.collect_map([("inner", inner)]),
            Shape::Variant => serializer.serialize_newtype_variant("Nested", 0, "V", &inner),
        }
    }
}

#[test]
fn depth_of_every_shape_is_bounded() {
    use Shape::{List, Map, Newtype, Some, Variant};

    for shape in [List, Some, Newtype, Map, Variant] {
        assert!(to_bounded_value(&Nested(MAX_DEPTH, shape)).is_ok());
        for depth in [MAX_DEPTH + 1, 10_000, usize::MAX] {
            let error = to_bounded_value(&Nested(depth, shape));
            assert_eq!(error, Err(ShownValueError::TooDeep), "{depth}");
        }
    }
}

/// A list without an end, of an announced length.
struct Endless;

impl Serialize for Endless {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(usize::MAX))?;
        loop {
            list.serialize_element(&0)?;
        }
    }
}

#[test]
fn size_is_bounded() {
    let too_large = Err(ShownValueError::TooLarge);
    assert_eq!(to_bounded_value(&"x".repeat(100 << 20)), too_large);
    assert_eq!(
        to_bounded_value(&vec!["x".repeat(1 << 10); 1 << 10]),
        too_large
    );
    assert_eq!(to_bounded_value(&Endless), too_large);
    let long_key = BTreeMap::from([("x".repeat(MAX_BYTES), 0)]);
    assert_eq!(to_bounded_value(&long_key), too_large);
    assert!(to_bounded_value(&"x".repeat(MAX_BYTES - 3)).is_ok());
}

/// Fails, or panics.
struct Broken(bool);

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        assert!(!self.0, "a secret of the program");
        Err(serde::ser::Error::custom("the disk is gone"))
    }
}

#[test]
fn values_that_fail_do_not_hide_the_others() {
    let mut settings = ShownConfigBuilder::default();
    let lists_as_keys = BTreeMap::from([([1_u8], 1_u8)]);
    let function = || -> u8 { panic!("another secret") };
    for inserted in [
        settings.insert_value("ok".into(), 7),
        settings.insert_value("failed".into(), vec![Broken(false)]),
        settings.insert_value("panicked".into(), Broken(true)),
        settings.insert("function".into(), function),
        settings.insert_value("key".into(), lists_as_keys),
    ] {
        assert_eq!(inserted, Ok(()));
    }
    let shown = json!(settings.build().values());
    let error =
        |reason: &str| -> Value { json!({ "error": format!("cannot be shown: {reason}") }) };
    let expected = json!({
        "ok": 7,
        "failed": error("the disk is gone"),
        "panicked": error("it panicked"),
        "function": error("it panicked"),
        "key": error("a key of a map is not a text"),
    });
    assert_eq!(shown, expected);
}

#[test]
fn keys_are_visible_and_different() {
    let mut settings = ShownConfigBuilder::default();
    for key in ["", " ", "a\nb", "a\0", "a\u{202e}b", "a\u{200b}"] {
        assert!(settings.insert_value(key.into(), 1).is_err(), "{key:?}");
    }
    for key in ["cache", "größe 漢", "a.b/c", "\"quoted\""] {
        assert_eq!(settings.insert_value(key.into(), 1), Ok(()), "{key:?}");
        let twice = settings.insert_value(key.into(), 1).unwrap_err();
        assert!(twice.starts_with("given twice"), "{twice}");
    }
}
