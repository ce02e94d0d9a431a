//! Functions of one name in several modules, some of them private, are endpoints of their own.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::AdminServer;

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

#[tokio::test]
async fn each_crate_serves_its_own_endpoints() {
    let server = AdminServer::builder().build().expect("it builds");
    for name in ["left", "right", "made"] {
        assert_eq!(
            server.test_client().get(&format!("/{name}")).await.text(),
            name
        );
    }
    let own = ["/", "/openapi.json"];
    assert_eq!(server.registry().endpoints().len(), 3 + own.len());
}
