//! Declarations from small pieces of rustdoc's JSON.

use serde_json::{Value, json};

use crate::json::Crate;
use crate::signature::Signatures;

/// A crate named `own`, whose items are `items` by id, beside its root.
fn krate(items: &Value) -> Crate {
    let mut index = json!({ "0": item("own", json!({ "module": { "items": [] } })) });
    add_keys(&mut index, items);
    let paths = [
        (1, "own::inner::Thing"),
        (2, "http::header::Name"),
        (3, "core::result::Result"),
        (4, "std::io::error::Error"),
        (5, "core::marker::Send"),
        (6, "core::ops::function::Fn"),
        (7, "core::iter::Iterator"),
    ];
    let paths = paths.map(|(id, path)| {
        let path: Vec<_> = path.split("::").collect();
        (id.to_string(), json!({ "path": path }))
    });
    let paths = Value::Object(paths.into_iter().collect());
    serde_json::from_value(json!({ "root": 0, "index": index, "paths": paths })).expect("a crate")
}

fn add_keys(object: &mut Value, keys: &Value) {
    let added = keys.as_object().expect("keys").clone();
    object.as_object_mut().expect("an object").extend(added);
}

fn item(name: &str, inner: Value) -> Value {
    json!({
        "name": name, "docs": null, "span": null, "visibility": "public", "attrs": [], "inner": inner,
    })
}

/// The declaration of one item; `changes` replaces some of its keys.
fn declared(name: &str, inner: Value, changes: &Value) -> String {
    let mut one = item(name, inner);
    add_keys(&mut one, changes);
    let krate = krate(&json!({ "9": one }));
    Signatures::new(&krate).declaration(&krate.index[&9], name)
}

fn path(id: u32, args: Value) -> Value {
    json!({ "path": "as::Written", "id": id, "args": args })
}

fn named(id: u32) -> Value {
    json!({ "resolved_path": path(id, Value::Null) })
}

fn angle(types: &[Value]) -> Value {
    let args: Vec<_> = types.iter().map(|one| json!({ "type": one })).collect();
    json!({ "angle_bracketed": { "args": args, "constraints": [] } })
}

fn bound(id: u32, args: Value) -> Value {
    json!({ "trait_bound": { "trait": path(id, args), "generic_params": [], "modifier": "none" } })
}

fn type_param(name: &str, bounds: Value, synthetic: bool) -> Value {
    let kind = json!({ "bounds": bounds, "default": null, "is_synthetic": synthetic });
    json!({ "name": name, "kind": { "type": kind } })
}

fn function(header: Value, inputs: Value, output: Value, generics: Value) -> Value {
    let signature = json!({ "inputs": inputs, "output": output });
    json!({ "function": {
        "sig": signature, "generics": generics, "header": header, "has_body": true,
    } })
}

fn no_generics() -> Value {
    json!({ "params": [], "where_predicates": [] })
}

#[test]
fn functions_show_self_bounds_and_conditions() {
    let reference = json!({ "borrowed_ref": {
        "lifetime": null, "is_mutable": true, "type": { "generic": "Self" },
    } });
    let call = json!({ "parenthesized": { "inputs": [{ "primitive": "u8" }], "output": null } });
    let inputs = json!([
        ["self", reference],
        ["each", { "impl_trait": [bound(6, call.clone())] }],
        ["value", { "generic": "T" }],
    ]);
    let output = json!({ "resolved_path": path(3, angle(&[named(1), named(4)])) });
    let condition = json!({ "bound_predicate": {
        "type": { "generic": "T" }, "bounds": [bound(5, Value::Null), { "outlives": "'static" }],
        "generic_params": [],
    } });
    let generics = json!({
        "params": [
            type_param("T", json!([bound(5, Value::Null)]), false),
            type_param("impl Fn(u8)", json!([bound(6, call)]), true),
        ],
        "where_predicates": [condition],
    });
    let header = json!({ "is_const": false, "is_unsafe": false, "is_async": false, "abi": "Rust" });
    assert_eq!(
        declared("f", function(header, inputs, output, generics), &json!({})),
        "pub fn f<T: Send>(&mut self, each: impl Fn(u8), value: T) -> Result<Thing, io::Error> \
         where T: Send + 'static"
    );
}

#[test]
fn qualifiers_and_attributes_are_shown() {
    let abi = json!({ "C": { "unwind": false } });
    let header = json!({ "is_const": true, "is_unsafe": true, "is_async": false, "abi": abi });
    let inner = function(header, json!([]), Value::Null, no_generics());
    let changes = json!({
        "attrs": [{ "must_use": { "reason": null } }, { "other": "#[attr = Inline(Hint)]" }],
        "deprecation": { "since": "0.2.0", "note": null },
    });
    assert_eq!(
        declared("f", inner.clone(), &changes),
        r#"#[deprecated(since = "0.2.0")] #[must_use] pub const unsafe extern "C" fn f()"#
    );
    let header = json!({ "is_const": false, "is_unsafe": false, "is_async": true, "abi": "Rust" });
    let inner = function(header, json!([]), Value::Null, no_generics());
    assert_eq!(
        declared("f", inner, &json!({ "visibility": "default" })),
        "async fn f() { .. }",
        "a function that a trait provides"
    );
}

#[test]
fn structs_show_whether_a_literal_is_possible() {
    let plain = |hidden: bool| {
        let kind = json!({ "plain": { "fields": [], "has_stripped_fields": hidden } });
        json!({ "struct": { "kind": kind, "generics": no_generics() } })
    };
    let open = json!({ "attrs": ["non_exhaustive"] });
    assert_eq!(
        declared("S", plain(true), &json!({})),
        "pub struct S { .. }"
    );
    assert_eq!(
        declared("S", plain(false), &open),
        "#[non_exhaustive] pub struct S"
    );
    let tuple = json!({ "struct": { "kind": { "tuple": [null] }, "generics": no_generics() } });
    assert_eq!(declared("S", tuple, &json!({})), "pub struct S(..)");
}

#[test]
fn types_of_every_kind_are_rendered() {
    let send = json!({ "trait": path(5, Value::Null), "generic_params": [] });
    let object = json!({ "dyn_trait": { "traits": [send, send], "lifetime": "'a" } });
    let bytes = json!({ "array": { "type": { "primitive": "u8" }, "len": "4" } });
    let reference = |r#type: &Value| json!({ "borrowed_ref": { "lifetime": "'a", "is_mutable": false, "type": r#type } });
    let item_is = json!({ "angle_bracketed": { "args": [], "constraints": [{
        "name": "Item", "args": null, "binding": { "equality": { "type": named(2) } },
    }] } });
    let header = json!({ "is_const": false, "is_unsafe": true, "is_async": false, "abi": "Rust" });
    let pointer = json!({ "function_pointer": {
        "sig": { "inputs": [["_", bytes]], "output": { "primitive": "never" } },
        "generic_params": [{ "name": "'x" }], "header": header,
    } });
    let associated = json!({ "qualified_path": {
        "name": "Item", "args": null, "self_type": { "generic": "T" }, "trait": path(7, Value::Null),
    } });
    let raw = json!({ "raw_pointer": { "is_mutable": true, "type": { "primitive": "u8" } } });
    for (r#type, expected) in [
        (reference(&object), "&'a (dyn Send + Send + 'a)"),
        (json!({ "slice": bytes }), "[[u8; 4]]"),
        (
            json!({ "impl_trait": [bound(7, item_is)] }),
            "impl Iterator<Item = http::Name>",
        ),
        (pointer, "for<'x> unsafe fn([u8; 4]) -> !"),
        (associated, "<T as Iterator>::Item"),
        (json!({ "tuple": [{ "primitive": "u8" }] }), "(u8,)"),
        (json!({ "tuple": [] }), "()"),
        (raw, "*mut u8"),
    ] {
        let field = declared("field", json!({ "struct_field": r#type }), &json!({}));
        assert_eq!(field, format!("pub field: {expected}"));
    }
}

#[test]
fn constants_and_traits_show_what_implementors_need() {
    let number = json!({ "primitive": "usize" });
    let constant = json!({ "constant": { "type": number, "const": { "value": "40usize" } } });
    assert_eq!(
        declared("N", constant, &json!({})),
        "pub const N: usize = 40usize"
    );
    let provided = json!({ "assoc_const": { "type": number, "value": "1" } });
    let in_trait = json!({ "visibility": "default" });
    assert_eq!(declared("N", provided, &in_trait), "const N: usize = ..");
    let bounds = json!([bound(5, Value::Null)]);
    let r#trait = json!({ "trait": {
        "is_unsafe": true, "generics": no_generics(), "bounds": bounds,
    } });
    assert_eq!(
        declared("Marker", r#trait, &json!({})),
        "pub unsafe trait Marker: Send"
    );
}

#[test]
fn implementations_show_bounds_and_associated_types() {
    let krate = krate(&json!({ "8": item("Item", json!({ "assoc_type": {
        "generics": no_generics(), "bounds": [], "type": { "primitive": "u8" },
    } })) }));
    let generics = json!({
        "params": [type_param("T", json!([bound(5, Value::Null)]), false)], "where_predicates": [],
    });
    let block = json!({
        "is_unsafe": false, "is_negative": false, "generics": generics, "items": [8],
        "trait": path(7, Value::Null),
        "for": { "resolved_path": path(1, angle(&[json!({ "generic": "T" })])) },
    });
    let signatures = Signatures::new(&krate);
    assert_eq!(
        signatures.implementation(&block),
        "impl<T: Send> Iterator for Thing<T> { type Item = u8 }"
    );
    assert!(signatures.has_conditions(&block));
}
