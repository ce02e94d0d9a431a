use super::*;
use crate::endpoint::{Effect, HandlerTask, Method, Runtime};
use crate::request::ArgumentDescriptor;
use crate::response::{Response, ResponseSpec};
use crate::source::SourceLocation;

fn endpoint(method: Method, path: &'static str, line: u32) -> EndpointDescriptor {
    EndpointDescriptor {
        method,
        path,
        effect: Effect::Read,
        effect_if: &[],
        docs: "Summary\nover lines.\n\nMore.",
        arguments: &[],
        response: ResponseSpec::new(None),
        timeout: None,
        runtime: Runtime::Admin,
        deny_unknown: false,
        sensitive: false,
        status: None,
        resource: None,
        source: SourceLocation {
            crate_name: "engine",
            manifest_dir: "/ws/engine",
            module: "engine",
            function: "f",
            file: "engine/src/lib.rs",
            line,
            column: 1,
        },
        handler: |_| Ok(HandlerTask::Blocking(Box::new(|| Ok(Response::empty())))),
    }
}

#[test]
fn all_mistakes_are_reported_together_with_their_places() {
    let error = Registry::from_descriptors([
        endpoint(Method::Get, "/b", 20),
        endpoint(Method::Get, "/b", 10),
        endpoint(Method::Get, "bad", 30),
        endpoint(Method::Post, "/b", 40),
        endpoint(Method::Get, "/c/{x}", 50),
    ])
    .unwrap_err();
    let text = error.to_string();
    assert_eq!(error.problems().len(), 3, "{text}");
    for part in [
        "GET /b: one at crate engine, engine/src/lib.rs:10, one at crate engine, engine/src/lib.rs:20",
        "\"bad\" at crate engine, engine/src/lib.rs:30",
        "no argument takes the path parameter `x`",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn order_of_registration_changes_nothing() {
    let routes = [
        endpoint(Method::Post, "/b", 1),
        endpoint(Method::Get, "/b", 2),
        endpoint(Method::Get, "/a", 3),
    ];
    let paths = |registry: Registry| -> Vec<_> {
        registry
            .endpoints()
            .iter()
            .map(|endpoint| (endpoint.path, endpoint.method))
            .collect()
    };
    let forward = Registry::from_descriptors(routes).unwrap();
    let backward = Registry::from_descriptors(routes.into_iter().rev()).unwrap();
    assert_eq!(paths(forward.clone()), paths(backward));
    assert_eq!(paths(forward)[0], ("/a", Method::Get));
}

#[test]
fn the_index_shows_relative_source_paths() {
    let registry = Registry::from_descriptors([endpoint(Method::Get, "/a", 3)]).unwrap();
    let entry = &registry.index().endpoints[0];
    assert_eq!(entry.source, "src/lib.rs:3");
    assert_eq!(entry.summary, "Summary over lines.");
}

#[test]
fn second_body_is_a_problem_beyond_forms() {
    const fn body(name: &'static str, content_type: &'static str) -> ArgumentDescriptor {
        let kind = ArgumentKind::body(content_type, true);
        ArgumentDescriptor::new(name, ArgumentLocation::Query, kind)
    }
    const JSON: &str = "application/json";
    const FORM: &str = "multipart/form-data";
    type Case = (
        &'static [ArgumentDescriptor],
        Option<(&'static str, &'static str)>,
    );
    const CASES: [Case; 4] = [
        (&[body("a", JSON)], None),
        (&[body("a", FORM), body("b", FORM)], None),
        (&[body("a", JSON), body("b", JSON)], Some(("a", "b"))),
        (
            &[body("a", FORM), body("b", FORM), body("c", JSON)],
            Some(("a", "c")),
        ),
    ];
    for (arguments, expected) in CASES {
        let endpoint = EndpointDescriptor {
            arguments,
            ..endpoint(Method::Post, "/a", 1)
        };
        assert_eq!(second_body(&endpoint), expected);
        let problems = arguments_of(&endpoint);
        assert_eq!(
            problems.len(),
            usize::from(expected.is_some()),
            "{problems:?}"
        );
    }
}

fn arguments_of(endpoint: &EndpointDescriptor) -> Vec<Problem> {
    arguments(endpoint, &PathPattern::parse(endpoint.path).unwrap())
}
