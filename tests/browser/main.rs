//! A real browser: what it shows of the index, and what pages from elsewhere can do through it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod chromium;
mod elsewhere;
mod event_source;
mod live_page;
mod many_of_everything;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use admin_runtime::{AdminServer, RunningServer, State, admin_endpoint};

use chromium::open;
use elsewhere::Elsewhere;

admin_runtime::link!(admin_endpoints);

type Changes = Arc<AtomicU32>;

/// Count one change.
#[admin_endpoint(method = "POST", path = "/change")]
async fn change(changes: State<Changes>) {
    changes.fetch_add(1, Ordering::Relaxed);
}

/// Read, or count one change.
#[admin_endpoint(path = "/value", effect_if(query = "set", effect = "write"))]
async fn value(set: Option<String>, changes: State<Changes>) -> &'static str {
    if set.is_some() {
        changes.fetch_add(1, Ordering::Relaxed);
    }
    "a value"
}

fn started() -> (RunningServer, Changes) {
    let changes = Changes::default();
    let builder = AdminServer::builder().state(Arc::clone(&changes));
    (builder.bind("127.0.0.1:0").start().unwrap(), changes)
}

#[test]
fn the_index_page_has_style_and_working_links() {
    let (server, _) = started();
    let at = server.local_addr();
    let page = open(&format!("http://{at}/?format=list"));
    assert!(
        page.dom.contains("<h1>Admin endpoints</h1>"),
        "{}",
        page.dom
    );
    assert!(page.dom.contains("href=\"./env\""), "{}", page.dom);
    // What the policy keeps out is told to the console.
    assert!(
        !page.log.contains("Content Security Policy"),
        "{}",
        page.log
    );
    let env = open(&format!("http://{at}/env"));
    assert!(env.dom.contains("\"PATH\""), "{}", env.dom);
}

/// The same script with what a click and a search call: the policy of the original keeps others out.
#[test]
fn a_flame_graph_searches_and_zooms() {
    let (server, _) = started();
    let url = format!(
        "http://{}/debug/fgprof?seconds=1&format=svg",
        server.local_addr()
    );
    let original = open(&url);
    let has_match = |dom: &str| dom.contains("class=\"match");
    assert!(original.dom.contains("id=\"boxes\""), "{}", original.dom);
    assert!(!has_match(&original.dom) && !original.dom.contains("display: none"));
    assert!(
        !original.log.contains("Content Security Policy"),
        "{}",
        original.log
    );

    let svg = ureq::get(&url).call().unwrap();
    let svg = svg.into_body().read_to_string().unwrap();
    let calls = "search('^ADMIN-'); zoom(boxes.find((box) => box.name.startsWith('admin-')));";
    let changed = svg.replace("]]></script>", &format!("{calls}]]></script>"));
    let page = open(&Elsewhere::serve(&changed).url);
    assert!(has_match(&page.dom), "{}", page.dom);
    assert!(page.dom.contains(">matched: "), "{}", page.dom);
    assert!(page.dom.contains("display: none"), "{}", page.dom);
}

/// Forms, scripts and pictures of a page on another port, which the browser calls the same site,
/// and of another name, which it calls another.
#[test]
fn pages_from_elsewhere_change_nothing() {
    let (server, changes) = started();
    let port = server.local_addr().port();
    for admin in [
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
    ] {
        let elsewhere = Elsewhere::serve(&format!(
            "<script>
               let left = 4;
               function done() {{ if (--left == 0) document.title = 'all tried'; }}
             </script>
             <img src='{admin}/value?set=1' onerror='done()' onload='done()'>
             <iframe name=frame onload='done()'></iframe>
             <form id=form method=post action='{admin}/change' target=frame></form>
             <script>
               fetch('{admin}/change', {{method: 'POST', mode: 'no-cors'}}).finally(done);
               fetch('{admin}/value?set=1', {{mode: 'no-cors'}}).finally(done);
               form.submit();
             </script>"
        ));
        let page = open(&elsewhere.url);
        assert!(
            page.dom.contains("<title>all tried</title>"),
            "{}",
            page.log
        );
        assert_eq!(changes.load(Ordering::Relaxed), 0, "from {admin}");
    }
    // The same things from the server's own pages would have counted.
    let at = server.local_addr();
    let own = open(&format!("http://{at}/value?set=1"));
    assert!(own.dom.contains("a value"), "{}", own.dom);
    assert_eq!(changes.load(Ordering::Relaxed), 1);
}

/// No header of the server lets a page from elsewhere read an answer.
#[test]
fn pages_from_elsewhere_read_nothing() {
    let (server, _) = started();
    let at = server.local_addr();
    let elsewhere = Elsewhere::serve(&format!(
        "<script>
           fetch('http://{at}/env').then(reply => reply.text())
             .then(text => document.title = 'read: ' + text, () => document.title = 'refused');
         </script>"
    ));
    let page = open(&elsewhere.url);
    assert!(page.dom.contains("<title>refused</title>"), "{}", page.dom);
}
