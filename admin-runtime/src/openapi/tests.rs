use serde_json::{Value, json};

use super::{Access, document};
use crate::endpoint::{Effect, EffectIf, EndpointDescriptor, HandlerTask, Method, Runtime};
use crate::registry::Registry;
use crate::request::{ArgumentDescriptor, ArgumentKind, ArgumentLocation, ParamSpec};
use crate::response::{ErrorFormat, IntoResponse, Json, Response, ResponseSpec};
use crate::source::SourceLocation;
use crate::{AdminError, StatusCode};

fn argument(
    name: &'static str,
    location: ArgumentLocation,
    kind: ArgumentKind,
    default: Option<&'static str>,
) -> ArgumentDescriptor {
    let (docs, schema) = ("About it.", None);
    ArgumentDescriptor {
        name,
        docs,
        location,
        default,
        kind,
        schema,
    }
}

fn endpoint(
    method: Method,
    path: &'static str,
    arguments: Vec<ArgumentDescriptor>,
    response: ResponseSpec,
) -> EndpointDescriptor {
    EndpointDescriptor {
        method,
        path,
        effect: Effect::Read,
        effect_if: &[],
        docs: "Summary\nover lines.\n\nMore.\n\nAnd more.",
        arguments: Vec::leak(arguments),
        response,
        timeout: None,
        runtime: Runtime::Admin,
        deny_unknown: false,
        sensitive: false,
        status: None,
        resource: None,
        source: SourceLocation {
            crate_name: "engine",
            manifest_dir: "/ws/engine",
            module: "engine::tiers",
            function: "f",
            file: "engine/src/lib.rs",
            line: 7,
            column: 1,
        },
        handler: |_| Ok(HandlerTask::Blocking(Box::new(|| Ok(Response::empty())))),
    }
}

fn document_of(endpoints: impl IntoIterator<Item = EndpointDescriptor>) -> Value {
    let registry = Registry::from_descriptors(endpoints).unwrap();
    document(registry.endpoints(), Access::Open)
}

fn statuses(operation: &Value) -> Vec<&str> {
    let responses = operation["responses"].as_object().unwrap();
    responses.keys().map(String::as_str).collect()
}

const ANY: ResponseSpec = ResponseSpec::new(None);

#[test]
fn an_operation_has_docs_tags_effect_and_source() {
    let mut level = endpoint(Method::Get, "/level", vec![], ANY);
    level.effect_if = &[EffectIf {
        query: "set",
        effect: Effect::Write,
    }];
    let document = document_of([level]);
    let get = &document["paths"]["/level"]["get"];
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(get["summary"], "Summary over lines.");
    assert_eq!(get["description"], "More.\n\nAnd more.");
    assert_eq!(get["operationId"], "engine.tiers.f");
    assert_eq!(get["tags"], json!(["engine"]));
    assert_eq!(get["x-source"], "src/lib.rs:7");
    assert_eq!(get["x-effect"], "read");
    assert_eq!(
        get["x-effect-if"],
        json!([{ "query": "set", "effect": "write" }])
    );
}

#[test]
fn parameters_have_schema_default_and_description() {
    let optional = ParamSpec::new::<u8>().optional();
    let repeated = optional.repeated();
    let query = |name, spec, default| {
        argument(
            name,
            ArgumentLocation::Query,
            ArgumentKind::Parameter(spec),
            default,
        )
    };
    let arguments = vec![
        argument(
            "id",
            ArgumentLocation::Path(0),
            ArgumentKind::Parameter(ParamSpec::new::<String>()),
            None,
        ),
        query("needed", ParamSpec::new::<bool>(), None),
        query("flag", ParamSpec::new::<bool>(), Some("off")),
        query("count", optional, Some("10")),
        query("many", repeated, Some("1")),
        argument(
            "caller",
            ArgumentLocation::Query,
            ArgumentKind::Extractor,
            None,
        ),
    ];
    let document = document_of([endpoint(Method::Get, "/a/{id}", arguments, ANY)]);
    let byte = json!({
        "type": "integer", "minimum": 0, "maximum": 255,
        "description": "an integer from 0 to 255",
    });
    let with_default = |mut schema: Value, default: Value| {
        schema["default"] = default;
        schema
    };
    let boolean = json!({
        "type": "boolean",
        "description": "one of true, false, 1, 0, yes, no, on, off",
    });
    let text = json!({ "type": "string", "minLength": 1, "description": "text" });
    let parameter = |name: &str, location: &str, required: bool, schema: Value| {
        json!({
            "name": name, "in": location, "required": required,
            "description": "About it.", "schema": schema,
        })
    };
    assert_eq!(
        document["paths"]["/a/{id}"]["get"]["parameters"],
        json!([
            parameter("id", "path", true, text),
            parameter("needed", "query", true, boolean.clone()),
            parameter("flag", "query", false, with_default(boolean, json!(false))),
            parameter(
                "count",
                "query",
                false,
                with_default(byte.clone(), json!(10))
            ),
            parameter(
                "many",
                "query",
                false,
                json!({ "type": "array", "items": byte, "default": [1] })
            ),
        ])
    );
}

#[test]
fn paths_that_differ_in_names_are_one() {
    let take = |name| {
        let kind = ArgumentKind::Parameter(ParamSpec::new::<String>());
        vec![argument(name, ArgumentLocation::Path(0), kind, None)]
    };
    let document = document_of([
        endpoint(Method::Get, "/a/{x}", take("x"), ANY),
        endpoint(Method::Post, "/a/{y}", take("y"), ANY),
    ]);
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 1);
    assert_eq!(paths["/a/{x}"]["post"]["parameters"][0]["name"], "x");
    assert_eq!(paths["/a/{x}"]["get"]["operationId"], "engine.tiers.f");
    assert_eq!(paths["/a/{x}"]["post"]["operationId"], "engine.tiers.f-2");
}

#[test]
fn files_form_a_form_and_json_a_body() {
    let body = |name, content_type, required| {
        let kind = ArgumentKind::Body {
            content_type,
            required,
        };
        argument(name, ArgumentLocation::Query, kind, None)
    };
    let form = "multipart/form-data";
    let document = document_of([
        endpoint(
            Method::Post,
            "/form",
            vec![body("a", form, true), body("b", form, false)],
            ANY,
        ),
        endpoint(
            Method::Post,
            "/json",
            vec![body("c", "application/json", false)],
            ANY,
        ),
    ]);
    let file = json!({ "type": "string", "format": "binary", "description": "About it." });
    assert_eq!(
        document["paths"]["/form"]["post"]["requestBody"],
        json!({
            "required": true,
            "content": { form: { "schema": {
                "type": "object",
                "properties": { "a": file, "b": file },
                "required": ["a"],
            } } },
        })
    );
    assert_eq!(
        document["paths"]["/json"]["post"]["requestBody"],
        json!({
            "required": false,
            "description": "About it.",
            "content": { "application/json": { "schema": {} } },
        })
    );
    let json = &document["paths"]["/json"]["post"];
    assert!(statuses(json).contains(&"415") && statuses(json).contains(&"408"));
}

#[test]
fn responses_follow_from_the_return_type() {
    let spec = |spec: ResponseSpec| {
        let document = document_of([endpoint(Method::Get, "/", vec![], spec)]);
        document["paths"]["/"]["get"]["responses"].clone()
    };
    let always = ["400", "403", "413", "414", "429", "431", "500", "503"];
    let is = |responses: &Value, further: &[&str]| {
        let mut expected = [&always, further].concat();
        expected.sort_unstable();
        assert_eq!(
            responses.as_object().unwrap().keys().collect::<Vec<_>>(),
            expected
        );
    };

    let text = spec(String::SPEC);
    is(&text, &["200"]);
    assert_eq!(
        text["200"]["content"],
        json!({ "text/plain; charset=utf-8": { "schema": { "type": "string" } } })
    );
    assert_eq!(text["400"]["$ref"], "#/components/responses/400-text");

    let empty = spec(<()>::SPEC);
    is(&empty, &["204"]);
    assert_eq!(empty["204"].get("content"), None);

    let fallible = spec(<Result<Json<u8>, AdminError>>::SPEC);
    is(&fallible, &["200", "default"]);
    assert_eq!(
        fallible["200"]["content"],
        json!({ "application/json": { "schema": {} } })
    );
    assert_eq!(fallible["500"]["$ref"], "#/components/responses/500-json");
    assert_eq!(
        fallible["default"]["$ref"],
        "#/components/responses/default-json"
    );

    let unknown = spec(<(StatusCode, Json<u8>)>::SPEC);
    is(&unknown, &["2XX", "default"]);
    assert_eq!(
        unknown["2XX"]["content"],
        json!({ "application/json": { "schema": {} } })
    );
    let schema = &unknown["default"]["content"]["application/json"]["schema"];
    assert_eq!(*schema, json!({}), "anything includes an error");

    let text = spec(<(StatusCode, String)>::SPEC.with_errors(ErrorFormat::Json));
    let contents = text["default"]["content"].as_object().unwrap();
    let error = json!({ "$ref": "#/components/schemas/AdminError" });
    assert_eq!(contents["application/json"]["schema"], error);
    assert_eq!(
        contents["text/plain; charset=utf-8"]["schema"]["type"],
        "string"
    );

    let free = spec(Response::SPEC.with_errors(ErrorFormat::Json));
    is(&free, &["200", "default"]);
    assert_eq!(free["200"].get("content"), None, "any media type");

    let named = spec(Response::SPEC.with_produces(&["text/csv", "application/json", "image/png"]));
    assert_eq!(
        named["200"]["content"],
        json!({
            "application/json": { "schema": {} },
            "image/png": { "schema": { "type": "string", "format": "binary" } },
            "text/csv": { "schema": { "type": "string" } },
        })
    );
}

#[test]
fn security_follows_the_authenticator() {
    let registry = Registry::from_descriptors([endpoint(Method::Get, "/a", vec![], ANY)]).unwrap();
    let open = document(registry.endpoints(), Access::Open);
    assert_eq!(open["security"], json!([]));
    assert!(!statuses(&open["paths"]["/a"]["get"]).contains(&"401"));
    let guarded = document(registry.endpoints(), Access::Bearer);
    assert_eq!(guarded["security"], json!([{ "token": [] }]));
    assert_eq!(guarded["servers"], json!([{ "url": "." }]));
    assert_eq!(
        guarded["components"]["securitySchemes"]["token"]["scheme"],
        "bearer"
    );
    assert!(statuses(&guarded["paths"]["/a"]["get"]).contains(&"401"));
}

#[test]
fn every_reference_resolves() {
    let document = document_of([
        endpoint(Method::Get, "/a", vec![], String::SPEC),
        endpoint(
            Method::Get,
            "/b",
            vec![],
            <Result<Json<u8>, AdminError>>::SPEC,
        ),
    ]);
    let mut followed = 0;
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                    followed += 1;
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(followed > 10, "{followed}");
}

#[test]
fn too_many_requests_say_when_to_retry() {
    let document = document_of([endpoint(Method::Get, "/a", vec![], ANY)]);
    for status in ["429", "503"] {
        let reference = &document["paths"]["/a"]["get"]["responses"][status]["$ref"];
        let pointer = &reference.as_str().unwrap()[1..];
        let headers = &document.pointer(pointer).unwrap()["headers"];
        assert_eq!(headers["Retry-After"]["schema"]["type"], "integer");
    }
}
