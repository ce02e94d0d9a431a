//! Functions of one name in several modules, some of them private, are endpoints of their own.

use admin_runtime::AdminServer;
use admin_tests::{Case, cases};
use tokio::runtime::Builder;

pub(crate) fn cases() -> Vec<Case> {
    cases![each_crate_serves_its_own_endpoints]
}

mod left {
    pub(crate) mod deep {
        #[admin_runtime::admin_endpoint(path = "/left")]
        async fn stats() -> &'static str {
            "left"
        }
    }
}

mod right {
    #[admin_runtime::admin_endpoint(path = "/right")]
    fn stats() -> &'static str {
        "right"
    }

    #[cfg(any())]
    #[admin_runtime::admin_endpoint(path = "/never")]
    fn never() {}
}

macro_rules! endpoint {
    ($name:ident, $path:literal, $answer:literal) => {
        #[admin_runtime::admin_endpoint(path = $path)]
        async fn $name() -> &'static str {
            $answer
        }
    };
}
endpoint!(stats, "/made", "made");

fn each_crate_serves_its_own_endpoints() {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(assert_served());
}

async fn assert_served() {
    let server = AdminServer::builder()
        .exclude("/hygiene/*")
        .exclude("/taken")
        .build()
        .expect("it builds");
    for name in ["left", "right", "made"] {
        assert_eq!(
            server.test_client().get(&format!("/{name}")).await.text(),
            name
        );
    }
    let own = ["/", "/openapi.json"];
    assert_eq!(server.registry().endpoints().len(), 3 + own.len());
}
