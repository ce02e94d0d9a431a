//! `resource = "..."`: made when a server starts, dropped when it stops.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use admin_runtime::describe::ResourceContext;
use admin_runtime::{AdminServer, Builder, Config, RunningServer, StartError, admin_endpoint};
use admin_tests::ask;

use crate::builder;

/// Config: what happens to the resources of one server.
#[derive(Clone, Debug, Default)]
struct Journal(Arc<Mutex<Vec<&'static str>>>);

impl Journal {
    fn add(&self, event: &'static str) {
        self.0.lock().unwrap().push(event);
    }

    fn events(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

/// Config: what the second function does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Second {
    Fails,
    Panics,
}

struct Guard(Option<Journal>, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(journal) = &self.0 {
            journal.add(self.1);
        }
    }
}

/// The first resource.
#[admin_endpoint(path = "/resource/a", resource = "first")]
async fn first_endpoint(journal: Config<Journal>) -> String {
    journal.events().join(" ")
}

fn first(context: &ResourceContext<'_>) -> Result<Guard, std::io::Error> {
    let journal = context.config::<Journal>().as_deref().cloned();
    if let Some(journal) = &journal {
        journal.add("first made");
    }
    Ok(Guard(journal, "first dropped"))
}

/// The second resource, which may fail.
#[admin_endpoint(path = "/resource/b", resource = "second")]
async fn second_endpoint() {}

fn second(context: &ResourceContext<'_>) -> Result<Guard, String> {
    let journal = context.config::<Journal>().as_deref().cloned();
    match context.config::<Second>().as_deref() {
        Some(Second::Fails) => Err("the disk is full".to_owned()),
        Some(Second::Panics) => panic!("expected"),
        None => Ok(Guard(journal, "second dropped")),
    }
}

fn with_journal() -> (Builder, Journal) {
    let journal = Journal::default();
    (builder().config(journal.clone()), journal)
}

fn start_error(builder: Builder) -> String {
    match builder.start() {
        Err(error @ StartError::Resource { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn resources_live_from_start_to_stop() {
    let (builder, journal) = with_journal();
    let server = builder.start().unwrap();
    assert_eq!(journal.events(), ["first made"]);
    let reply = ask(server.local_addr(), "GET", "/resource/a", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "first made"));
    server.stop();
    let all = ["first made", "second dropped", "first dropped"];
    assert_eq!(journal.events(), all, "the last is dropped first");
}

#[test]
fn a_failure_names_the_endpoint() {
    let (builder, journal) = with_journal();
    let error = start_error(builder.config(Second::Fails));
    let expected = "the admin server cannot start GET /resource/b: the disk is full";
    assert_eq!(error, expected);
    assert_eq!(journal.events(), ["first made", "first dropped"]);
}

#[test]
fn a_panic_is_a_start_error() {
    let (builder, journal) = with_journal();
    let error = start_error(builder.config(Second::Panics));
    assert!(
        error.ends_with("its resource function panicked: expected"),
        "{error}"
    );
    assert_eq!(journal.events(), ["first made", "first dropped"]);
}

#[test]
fn excluded_endpoints_make_no_resource() {
    let (builder, journal) = with_journal();
    let server: RunningServer = builder.exclude("/resource/a").start().unwrap();
    assert!(journal.events().is_empty());
    server.stop();
    assert_eq!(journal.events(), ["second dropped"]);
}

#[test]
fn a_used_port_makes_no_resource() {
    let (builder, journal) = with_journal();
    let other = crate::started();
    let error = builder.bind(other.local_addr()).start();
    assert!(matches!(error, Err(StartError::Listen { .. })), "{error:?}");
    assert!(journal.events().is_empty());
}

#[tokio::test]
async fn mounted_servers_make_resources_with_the_first_request() {
    let (builder, journal) = with_journal();
    let server: AdminServer = builder.config(Second::Fails).build().unwrap();
    let client = server.test_client();
    assert_eq!(client.get("/name").await.text(), "one");
    assert!(journal.events().is_empty());
    for _ in 0..2 {
        assert_eq!(client.get("/resource/a").await.text(), "first made");
        let failed = client.get("/resource/b").await;
        assert_eq!(failed.status(), 503);
        assert!(
            failed.text().contains("the disk is full"),
            "{}",
            failed.text()
        );
    }
    drop(server);
    assert_eq!(journal.events(), ["first made"]);
    drop(client);
    assert_eq!(journal.events(), ["first made", "first dropped"]);
}

static HELD: AtomicU32 = AtomicU32::new(0);

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::SeqCst);
        panic!("expected"); // must not keep the server from stopping
    }
}

#[test]
fn a_panicking_resource_does_not_disturb_a_stop() {
    use admin_runtime::describe::{
        EndpointDescriptor, HandlerTask, Method, Resource, SourceLocation,
    };
    let source = SourceLocation::new("it", module_path!(), "counted");
    let endpoint = EndpointDescriptor::new(Method::Get, "/resource/c", source, |_| {
        Ok(HandlerTask::Async(Box::pin(async {
            Ok(admin_runtime::Response::text("c"))
        })))
    })
    .with_resource(|_| {
        HELD.fetch_add(1, Ordering::SeqCst);
        Ok(Resource::new(Counted))
    });
    let (builder, journal) = with_journal();
    let server = builder.endpoint(endpoint).start().unwrap();
    assert_eq!(HELD.load(Ordering::SeqCst), 1);
    server.stop();
    assert_eq!(HELD.load(Ordering::SeqCst), 0);
    assert_eq!(journal.events().last(), Some(&"first dropped"));
}
