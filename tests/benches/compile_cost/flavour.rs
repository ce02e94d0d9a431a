//! The same routes, written for three frameworks.

use std::fmt::Write;

/// The framework that serves the routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Admin,
    Axum,
    Warp,
}

impl Flavour {
    pub(crate) const ALL: [Self; 3] = [Self::Admin, Self::Axum, Self::Warp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Axum => "axum",
            Self::Warp => "warp",
        }
    }

    /// The counts for which a crate of this flavour is compiled.
    pub(crate) fn counts(self, counts: &[usize]) -> impl Iterator<Item = usize> {
        let most = match self {
            Self::Admin | Self::Axum => usize::MAX,
            Self::Warp => 50,
        };
        counts.iter().copied().filter(move |count| *count <= most)
    }

    /// The lines of its manifest under `[dependencies]`.
    pub(crate) fn dependencies(self, root: &str) -> String {
        match self {
            Self::Admin => format!("admin-runtime = {{ path = {:?} }}", format!("{root}/admin-runtime")),
            Self::Axum => "axum = { version = \"0.8\", default-features = false, features = [\"http1\", \"json\", \"query\", \"tokio\"] }\n\
                           tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }".to_owned(),
            Self::Warp => "warp = { version = \"0.4\", default-features = false, features = [\"server\"] }\n\
                           tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }".to_owned(),
        }
    }

    /// The source of a program with `count` endpoints.
    pub(crate) fn program(self, count: usize) -> String {
        let (head, endpoint, foot) = match self {
            Self::Admin => (ADMIN_HEAD, ADMIN, ADMIN_FOOT.to_owned()),
            Self::Axum => (AXUM_HEAD, AXUM, axum_main(count)),
            Self::Warp => (WARP_HEAD, WARP, warp_main(count)),
        };
        let endpoints: String = (0..count)
            .map(|number| endpoint.replace("NUMBER", &number.to_string()))
            .collect();
        format!("{head}{endpoints}{foot}")
    }
}

const ADMIN_HEAD: &str = "use admin_runtime::{AdminServer, Json, admin_endpoint};
use serde::Serialize;
";

const ADMIN: &str = r#"
#[derive(Serialize)]
struct ReplyNUMBER {
    id: u64,
    name: Option<String>,
    limit: Option<u32>,
}

/// Endpoint NUMBER.
#[admin_endpoint(path = "/routeNUMBER/{id}")]
async fn endpointNUMBER(id: u64, name: Option<String>, limit: Option<u32>) -> Json<ReplyNUMBER> {
    Json(ReplyNUMBER { id, name, limit })
}
"#;

const ADMIN_FOOT: &str = "
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _server = AdminServer::builder().start()?;
    loop {
        std::thread::park();
    }
}
";

const AXUM_HEAD: &str = "use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
";

const AXUM: &str = "
#[derive(Serialize)]
struct ReplyNUMBER {
    id: u64,
    name: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct QueryNUMBER {
    name: Option<String>,
    limit: Option<u32>,
}

/// Endpoint NUMBER.
async fn endpointNUMBER(
    Path(id): Path<u64>,
    Query(QueryNUMBER { name, limit }): Query<QueryNUMBER>,
) -> Json<ReplyNUMBER> {
    Json(ReplyNUMBER { id, name, limit })
}
";

fn axum_main(count: usize) -> String {
    let mut routes = String::new();
    for number in 0..count {
        let route = format!("/route{number}/{{id}}");
        let _ = write!(routes, "\n        .route({route:?}, get(endpoint{number}))");
    }
    format!(
        "
#[tokio::main]
async fn main() -> std::io::Result<()> {{
    let app = Router::new(){routes};
    axum::serve(tokio::net::TcpListener::bind(\"127.0.0.1:7000\").await?, app).await
}}
"
    )
}

const WARP_HEAD: &str = "use serde::{Deserialize, Serialize};
use warp::filters::BoxedFilter;
use warp::reply::Json;
use warp::Filter;
";

const WARP: &str = r#"
#[derive(Serialize)]
struct ReplyNUMBER {
    id: u64,
    name: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct QueryNUMBER {
    name: Option<String>,
    limit: Option<u32>,
}

/// Endpoint NUMBER.
async fn endpointNUMBER(id: u64, QueryNUMBER { name, limit }: QueryNUMBER) -> Json {
    warp::reply::json(&ReplyNUMBER { id, name, limit })
}

fn routeNUMBER() -> BoxedFilter<(Json,)> {
    warp::get()
        .and(warp::path!("routeNUMBER" / u64))
        .and(warp::query())
        .then(endpointNUMBER)
        .boxed()
}
"#;

fn warp_main(count: usize) -> String {
    let mut routes = String::from("route0()");
    for number in 1..count {
        let _ = write!(routes, "\n        .or(route{number}()).unify().boxed()");
    }
    format!(
        "
#[tokio::main]
async fn main() {{
    let app = {routes};
    warp::serve(app).run(([127, 0, 0, 1], 7000)).await;
}}
"
    )
}
