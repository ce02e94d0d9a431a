//! `components/schemas`: one name for each schema, and references to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// Where references to the schemas of replies point before they are resolved.
pub(super) const REPLIES: &str = "/components/replies";

/// Where references to the schemas of bodies point before they are resolved.
pub(super) const BODIES: &str = "/components/bodies";

/// The name of the schema of a JSON error.
const ERROR: &str = "AdminError";

/// The schemas of named types: a type may be read and written in different forms.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    pub(super) replies: Map<String, Value>,
    pub(super) bodies: Map<String, Value>,
}

/// A reference to the schema of a JSON error.
pub(super) fn error_reference() -> Value {
    json!({ "$ref": format!("#/components/schemas/{ERROR}") })
}

/// Adds `components/schemas` to a document and resolves its references. A type whose two forms are
/// equal has one schema; otherwise the form that is read is named `<Type>Input`.
pub(super) fn add_schemas(document: &mut Value, definitions: Definitions) {
    let Definitions { replies, bodies } = definitions;
    let different = different_forms(&replies, &bodies);
    let mut taken: BTreeSet<String> = replies.keys().chain(bodies.keys()).cloned().collect();
    let mut final_name = |base: String, is_new: bool| {
        let name = if is_new || base == ERROR {
            free_name(base, &taken)
        } else {
            base
        };
        taken.insert(name.clone());
        name
    };
    let mut names = BTreeMap::new();
    for name in replies.keys() {
        let reference = format!("#{REPLIES}/{name}");
        names.insert(reference, final_name(name.clone(), false));
    }
    for name in bodies.keys() {
        let shared = names.get(&format!("#{REPLIES}/{name}")).cloned();
        let resolved = match shared {
            Some(shared) if !different.contains(name) => shared,
            Some(_) => final_name(format!("{name}Input"), true),
            None => final_name(name.clone(), false),
        };
        names.insert(format!("#{BODIES}/{name}"), resolved);
    }
    let mut schemas = BTreeMap::from([(ERROR.to_owned(), error_schema())]);
    for (prefix, definitions) in [(BODIES, bodies), (REPLIES, replies)] {
        for (name, schema) in definitions {
            if let Some(name) = names.get(&format!("#{prefix}/{name}")) {
                schemas.insert(name.clone(), schema);
            }
        }
    }
    document["components"]["schemas"] = json!(schemas);
    replace_references(document, &|reference| {
        let name = names.get(reference)?;
        Some(format!("#/components/schemas/{name}"))
    });
}

fn error_schema() -> Value {
    let message = json!({ "type": "string", "description": "What went wrong." });
    json!({
        "type": "object",
        "description": "An error.",
        "required": ["error"],
        "properties": { "error": message },
        "additionalProperties": false,
    })
}

/// The names of types that are read in another form than they are written in, themselves or in
/// what they refer to.
fn different_forms(replies: &Map<String, Value>, bodies: &Map<String, Value>) -> BTreeSet<String> {
    let mut different = BTreeSet::new();
    let mut referred: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, body) in bodies {
        let body_name = |reference: &str| -> Option<String> {
            let name = reference.strip_prefix('#')?.strip_prefix(BODIES)?;
            Some(name.strip_prefix('/')?.to_owned())
        };
        let references = referred.entry(name).or_default();
        for_each_reference(body, &mut |reference| {
            references.extend(body_name(reference))
        });
        let mut as_reply = body.clone();
        replace_references(&mut as_reply, &|reference| {
            Some(format!("#{REPLIES}/{}", body_name(reference)?))
        });
        if replies.get(name) != Some(&as_reply) {
            different.insert(name.clone());
        }
    }
    loop {
        let refers_to_different =
            |(_, references): &(&&str, &BTreeSet<String>)| !references.is_disjoint(&different);
        let affected = referred.iter().filter(refers_to_different);
        let affected: Vec<_> = affected.map(|(name, _)| (*name).to_owned()).collect();
        let before = different.len();
        different.extend(affected);
        if different.len() == before {
            return different;
        }
    }
}

/// A name that is not taken: numbered if necessary.
fn free_name(base: String, taken: &BTreeSet<String>) -> String {
    let is_free = |name: &String| name != ERROR && !taken.contains(name);
    if is_free(&base) {
        return base;
    }
    let numbered = (2..).map(|number| format!("{base}{number}"));
    numbered.into_iter().find(is_free).unwrap_or(base)
}

/// Calls a function with every reference inside a value.
pub(super) fn for_each_reference(value: &Value, function: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| match value {
            Value::String(reference) if key == "$ref" => function(reference),
            value => for_each_reference(value, function),
        }),
        Value::Array(items) => items
            .iter()
            .for_each(|item| for_each_reference(item, function)),
        _ => {}
    }
}

/// Replaces the references inside a value for which the function returns another one.
fn replace_references(value: &mut Value, function: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value {
            Value::String(reference) if key == "$ref" => {
                if let Some(replacement) = function(reference) {
                    *reference = replacement;
                }
            }
            value => replace_references(value, function),
        }),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| replace_references(item, function)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refer(prefix: &str, name: &str) -> Value {
        json!({ "$ref": format!("#{prefix}/{name}") })
    }

    fn map(schemas: Value) -> Map<String, Value> {
        schemas.as_object().unwrap().clone()
    }

    fn resolved(replies: Value, bodies: Value) -> Value {
        let mut document = json!({ "reply": refer(REPLIES, "A"), "body": refer(BODIES, "A") });
        let (replies, bodies) = (map(replies), map(bodies));
        add_schemas(&mut document, Definitions { replies, bodies });
        document
    }

    #[test]
    fn equal_forms_share_one_schema() {
        let document = resolved(
            json!({ "A": { "items": refer(REPLIES, "B") }, "B": {} }),
            json!({ "A": { "items": refer(BODIES, "B") }, "B": {} }),
        );
        assert_eq!(document["reply"], document["body"]);
        assert_eq!(document["reply"]["$ref"], "#/components/schemas/A");
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "AdminError", "B"]);
        assert_eq!(schemas["A"]["items"]["$ref"], "#/components/schemas/B");
    }

    #[test]
    fn types_around_a_different_form_differ_too() {
        let document = resolved(
            json!({ "A": { "items": refer(REPLIES, "B") }, "B": { "x": 1 } }),
            json!({ "A": { "items": refer(BODIES, "B") }, "B": { "x": 2 }, "AInput": {} }),
        );
        assert_eq!(document["reply"]["$ref"], "#/components/schemas/A");
        assert_eq!(document["body"]["$ref"], "#/components/schemas/AInput2");
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["A"]["items"]["$ref"], "#/components/schemas/B");
        assert_eq!(
            schemas["AInput2"]["items"]["$ref"],
            "#/components/schemas/BInput"
        );
        assert_eq!(
            (&schemas["B"]["x"], &schemas["BInput"]["x"]),
            (&1.into(), &2.into())
        );
    }

    #[test]
    fn recursive_types_keep_their_name() {
        let document = resolved(
            json!({ "A": { "items": refer(REPLIES, "A") } }),
            json!({ "A": { "items": refer(BODIES, "A") } }),
        );
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["A"]["items"]["$ref"], "#/components/schemas/A");
        assert_eq!(schemas.get("AInput"), None);
    }

    #[test]
    fn the_name_of_errors_is_reserved() {
        let document = resolved(json!({ "AdminError": { "x": 1 } }), json!({}));
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["AdminError"], error_schema());
        assert_eq!(schemas["AdminError2"]["x"], 1);
    }
}
