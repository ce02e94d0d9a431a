//! `GET /openapi.json` of a server: that of its registry, with the schemas that types have.

use admin_runtime::{AdminError, Json, Pretty, StatusCode, admin_endpoint};
use admin_tests::ask;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{builder, started};

/// How full a tier is.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Fill {
    /// Blocks in it.
    blocks: u32,
    #[serde(skip_serializing)]
    note: Option<String>,
    #[serde(default)]
    nested: Vec<Nested>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Nested {
    name: String,
}

/// An alias is what it names.
type Fallible<T> = Result<Pretty<T>, AdminError>;

/// Fills a tier.
#[admin_endpoint(method = "POST", path = "/schema/both")]
async fn both(
    /// What it becomes.
    mut fill: Json<Fill>,
) -> Json<Fill> {
    fill.0.blocks += u32::from(fill.0.note.is_some());
    fill
}

/// A schema through everything that wraps a reply.
#[admin_endpoint(path = "/schema/wrapped")]
async fn wrapped() -> Fallible<Vec<Nested>> {
    Ok(Pretty(vec![]))
}

/// A body that may be missing.
#[admin_endpoint(method = "PUT", path = "/schema/optional")]
async fn optional(nested: Option<Json<Nested>>) -> (StatusCode, Json<bool>) {
    (StatusCode::ACCEPTED, Json(nested.is_some()))
}

/// Any JSON, which schemars writes as `true`.
#[admin_endpoint(method = "POST", path = "/schema/any")]
async fn any(Json(anything): Json<Anything>) -> Json<Vec<Value>> {
    Json(vec![anything.value])
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Anything {
    value: Value,
}

/// Neither side has a schema.
#[admin_endpoint(method = "POST", path = "/schema/none")]
async fn none(body: Json<crate::endpoints::Echo>) -> Json<crate::endpoints::Echo> {
    body
}

fn document() -> Value {
    let server = started();
    let reply = ask(server.local_addr(), "GET", "/openapi.json", &[]);
    assert_eq!(reply.header("content-type"), "application/json");
    let document = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(document, server.registry().openapi());
    document
}

const JSON: &str = "application/json";

#[test]
fn schemas_of_types_are_shown() {
    let document = document();
    let both = &document["paths"]["/schema/both"]["post"];
    let body = &both["requestBody"];
    assert_eq!(
        (&body["required"], &body["description"]),
        (&json!(true), &json!("What it becomes."))
    );
    let follow = |schema: &Value| {
        let pointer = schema["$ref"].as_str().expect("a reference");
        document.pointer(&pointer[1..]).expect(pointer).clone()
    };
    let read = follow(&body["content"][JSON]["schema"]);
    assert_eq!(read["description"], "How full a tier is.");
    assert_eq!(read["properties"]["blocks"]["description"], "Blocks in it.");
    assert_eq!(read["required"], json!(["blocks"]));
    assert!(read["properties"].get("note").is_some());
    let nested = follow(&read["properties"]["nested"]["items"]);
    assert_eq!(nested["required"], json!(["name"]));

    let written = follow(&both["responses"]["200"]["content"][JSON]["schema"]);
    assert_eq!(written["required"], json!(["blocks", "nested"]));
    assert!(
        written["properties"].get("note").is_none(),
        "it is never written"
    );

    let wrapped = &document["paths"]["/schema/wrapped"]["get"]["responses"];
    let list = &wrapped["200"]["content"][JSON]["schema"];
    assert_eq!(list["type"], "array");
    follow(&list["items"]);

    let optional = &document["paths"]["/schema/optional"]["put"];
    assert_eq!(optional["requestBody"]["required"], false);
    follow(&optional["requestBody"]["content"][JSON]["schema"]);
    let reply = &optional["responses"]["default"]["content"][JSON]["schema"]["anyOf"];
    assert_eq!(reply[0]["type"], "boolean");

    let accepted = &optional["responses"]["2XX"]["content"][JSON]["schema"];
    assert_eq!(accepted["type"], "boolean");

    let any = &document["paths"]["/schema/any"]["post"];
    let body = follow(&any["requestBody"]["content"][JSON]["schema"]);
    assert_eq!(body["properties"]["value"], json!({}));
    let reply = &any["responses"]["200"]["content"][JSON]["schema"];
    assert_eq!(reply["items"], json!({}));

    let none = &document["paths"]["/schema/none"]["post"];
    assert_eq!(none["requestBody"]["content"][JSON]["schema"], json!({}));
    assert_eq!(
        none["responses"]["200"]["content"][JSON]["schema"],
        json!({})
    );
}

#[test]
fn every_endpoint_is_in_it_with_its_effect() {
    let server = started();
    let document = server.registry().openapi();
    for endpoint in server.registry().endpoints() {
        let method = endpoint.method().as_str().to_ascii_lowercase();
        let operation = &document["paths"][endpoint.path()][&method];
        assert_eq!(
            operation["x-effect"],
            endpoint.effect().as_str(),
            "{}",
            endpoint.path()
        );
    }
    let level = &document["paths"]["/level"]["get"];
    assert_eq!(
        level["x-effect-if"],
        json!([{ "query": "set", "effect": "write" }])
    );
    let echo = document["paths"]["/echo/{text}"]["get"]["parameters"]
        .as_array()
        .unwrap();
    assert_eq!(echo[2]["name"], "switch");
    assert_eq!(echo[2]["schema"]["default"], false);
}

#[test]
fn a_server_with_a_token_says_so() {
    let server = builder().token("ops", "s3cret").start().unwrap();
    let token = ["Authorization: Bearer s3cret"];
    let reply = ask(server.local_addr(), "GET", "/openapi.json", &token);
    let document: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(document["security"], json!([{ "token": [] }]));
    assert_eq!(
        document["paths"]["/env"]["get"]["responses"]["401"]["$ref"]
            .as_str()
            .map(|reference| document.pointer(&reference[1..]).is_some()),
        Some(true)
    );
}
