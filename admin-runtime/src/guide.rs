//! The guide: a chapter for each macro and for what comes with the endpoints.
//!
//! The complete setup, with the dependencies and one `main`, is at the top of the documentation of
//! `admin-endpoints`.
//!
//! - [Endpoints](endpoint): `#[admin_endpoint]`
//! - [Periodic threads](periodic): `#[periodic]`
//! - [Health checks](health): `#[health_check]`
//! - [Script objects](script): `#[script_object]`
//! - [In your own server](mounting): axum, hyper, warp, tower
//! - [Listeners and credentials](listeners): TCP and Unix sockets, socket activation, TLS
//! - [Behind a proxy](proxies): prefix, `Host`, tokens, Kubernetes
//! - [The index and OpenAPI](openapi)
//! - [Testing endpoints](testing)

#[doc = include_str!("../docs/endpoint.md")]
pub mod endpoint {}

#[doc = include_str!("../docs/periodic.md")]
pub mod periodic {}

#[doc = include_str!("../docs/health.md")]
pub mod health {}

#[doc = include_str!("../docs/script.md")]
pub mod script {}

#[doc = include_str!("../docs/mounting.md")]
pub mod mounting {}

#[doc = include_str!("../docs/listeners.md")]
pub mod listeners {}

#[doc = include_str!("../docs/proxies.md")]
pub mod proxies {}

#[doc = include_str!("../docs/openapi.md")]
pub mod openapi {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

/// The example of the crate's README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
