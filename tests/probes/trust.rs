//! Who sees why a check failed, and whose probes are answered.

use admin_runtime::health::CheckKind;
use admin_tests::ask;

use crate::checks::Switches;
use crate::{EVENT_TIMEOUT, builder, get, started, wait_for_failure};

const WITHHELD: &str = "[-]database failed: reason withheld";

#[test]
fn reason_is_for_loopback_and_credentials() {
    let switches = Switches::default();
    switches.set_database_error(Some("no route"));
    let local = builder(&switches).start().unwrap();
    wait_for_failure(&local, CheckKind::Ready, "database", "no route");
    let shown = "[-]database failed: no route";
    assert_eq!(get(&local, "/readyz/database", &[]).body, shown);
    for header in [
        "X-Forwarded-For: 192.0.2.1",
        "Via: 1.1 proxy",
        "Forwarded: for=192.0.2.1",
    ] {
        assert_eq!(get(&local, "/readyz/database", &[header]).body, WITHHELD);
    }
    let accept = ["Via: 1.1 proxy", "Accept: application/json"];
    let json = get(&local, "/readyz", &accept).body;
    assert!(
        json.contains("reason withheld") && !json.contains("no route"),
        "{json}"
    );

    let network = builder(&switches).bind("0.0.0.0:0").start().unwrap();
    wait_for_failure(&network, CheckKind::Ready, "database", "no route");
    let address = ([127, 0, 0, 1], network.local_addr().port()).into();
    let ask_network = |headers: &[&str]| ask(address, "GET", "/readyz/database", headers).body;
    assert_eq!(ask_network(&[]), shown, "the peer is on this machine");
    assert_eq!(ask_network(&["Via: 1.1 proxy"]), WITHHELD);
    let write = ask(address, "POST", "/periodic-threads/none/pause", &[]);
    assert_eq!(write.status, 403, "writes depend on the bound address");
    let config = ask(address, "GET", "/config", &[]);
    assert_eq!(config.status, 403, "sensitive reads do too");

    let guarded = builder(&switches)
        .bind("0.0.0.0:0")
        .token("kubelet", "s3cret")
        .start()
        .unwrap();
    wait_for_failure(&guarded, CheckKind::Ready, "database", "no route");
    let address = ([127, 0, 0, 1], guarded.local_addr().port()).into();
    let reply = ask(
        address,
        "GET",
        "/readyz/database",
        &["Authorization: Bearer s3cret"],
    );
    assert_eq!(reply.body, shown);
}

#[test]
fn pod_addresses_are_accepted_as_host() {
    let server = started(&Switches::default());
    for host in [
        "Host: 10.244.1.7:7000",
        "Host: [fd00::7]:7000",
        "Host: 10.244.1.7",
    ] {
        let agent = "User-Agent: kube-probe/1.33";
        let reply = get(&server, "/livez", &[host, agent, "Accept: */*"]);
        assert_eq!((reply.status, &*reply.body), (200, "ok"), "{host}");
    }
    assert_eq!(ask(server.local_addr(), "HEAD", "/readyz", &[]).status, 200);
}

#[test]
fn draining_server_is_alive_and_not_ready() {
    let server = started(&Switches::default());
    server.drain();
    server.drain();
    let ready = get(&server, "/readyz", &[]);
    assert_eq!(ready.status, 503);
    assert!(
        ready
            .body
            .starts_with("[-]accepting failed: shutting down\n"),
        "{}",
        ready.body
    );
    assert_eq!(get(&server, "/livez", &[]).status, 200);
    assert_eq!(get(&server, "/readyz?exclude=accepting", &[]).status, 200);
}

#[test]
fn reason_is_shown_to_mapped_loopback_peers() {
    let switches = Switches::default();
    switches.set_database_error(Some("no route"));
    let network = builder(&switches).bind("[::]:0").start().unwrap();
    wait_for_failure(&network, CheckKind::Ready, "database", "no route");
    let address = ([127, 0, 0, 1], network.local_addr().port()).into();
    let reply = ask(address, "GET", "/readyz/database", &[]);
    assert_eq!(reply.body, "[-]database failed: no route");
}

#[test]
fn mounted_server_withholds_reasons_and_stopped_results() {
    let server = builder(&Switches::default()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let running = {
        let _inside = runtime.enter();
        server.health_checks().start().unwrap()
    };
    let checks = server.health_checks();
    assert!(checks.wait_until_healthy(CheckKind::Ready, EVENT_TIMEOUT));
    drop(running);
    let client = server.test_client();
    let body =
        |target: &str| runtime.block_on(async { client.get(target).await.text().to_owned() });
    let line = "[-]database failed: has been stopped";
    admin_tests::poll_until(line, || (body("/readyz/database") == line).then_some(()));
    assert_eq!(body("/livez"), "ok");

    let mut service = server.service();
    let request = http::Request::get("http://127.0.0.1/readyz/database");
    let request = request.body(http_body_util::Full::<bytes::Bytes>::default());
    let reply = runtime.block_on(async {
        use http_body_util::BodyExt;
        let reply = tower_service::Service::call(&mut service, request.unwrap());
        reply.await.unwrap().collect().await.unwrap().to_bytes()
    });
    assert_eq!(&*reply, WITHHELD.as_bytes());
}
