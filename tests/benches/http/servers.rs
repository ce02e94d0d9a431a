//! The servers that are compared. All send the same bytes for [`Stats`] and have as many workers.

use std::convert::Infallible;
use std::net::SocketAddr;

use admin_runtime::listener::Listener;
use admin_runtime::{AdminService, HeaderMap, HeaderName, HeaderValue, RunningServer};
use axum::routing::get;
use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::certificate::CertificateFiles;
use crate::endpoints::{self, Stats};
use crate::load::Target;

pub(crate) const HYPER: &str = "hyper";
pub(crate) const AXUM: &str = "axum";
pub(crate) const ADMIN_ENDPOINT: &str = "admin endpoint";
pub(crate) const USER_ENDPOINT: &str = "user endpoint";
pub(crate) const SERVICE: &str = "service";
pub(crate) const ENV: &str = "env";
pub(crate) const HYPER_TLS: &str = "hyper over TLS";
pub(crate) const ADMIN_ENDPOINT_TLS: &str = "admin endpoint over TLS";

/// As many worker threads as each runtime of the admin server has.
const WORKERS: usize = 2;

/// All of them, listening until dropped.
pub(crate) struct Servers {
    admin: RunningServer,
    certificate: CertificateFiles,
    hyper: PeerServer,
    hyper_tls: PeerServer,
    axum: PeerServer,
    service: PeerServer,
}

impl Servers {
    /// Starts them; requests are counted as in an application that exports metrics.
    pub(crate) fn start() -> Self {
        admin_endpoints::metrics::install().unwrap();
        let certificate = CertificateFiles::new();
        let tls = Listener::tcp("127.0.0.1:0").tls(certificate.pem(), certificate.key());
        let admin = endpoints::builder().bind("127.0.0.1:0").listen(tls);
        let admin = admin.start().unwrap();
        let reply = RecordedReply::ask(admin.local_addr());
        let service = endpoints::builder().service().unwrap();
        Self {
            admin,
            hyper_tls: PeerServer::start({
                let (reply, acceptor) = (reply.clone(), certificate.acceptor());
                |listener| serve_hyper_over_tls(listener, reply, acceptor)
            }),
            certificate,
            hyper: PeerServer::start(|listener| serve_hyper(listener, reply)),
            axum: PeerServer::start(serve_axum),
            service: PeerServer::start(|listener| serve_service(listener, service)),
        }
    }

    /// What is measured, by name.
    pub(crate) fn targets(&self) -> Vec<(&'static str, Target)> {
        let target = |address, path| Target {
            address,
            path,
            certificate: None,
        };
        let tls_target = |address, path| Target {
            certificate: Some(self.certificate.pem()),
            ..target(address, path)
        };
        let admin = self.admin.local_addr();
        let listeners = self.admin.listeners();
        let admin_tls = listeners[1].local_addr().expect("a TCP socket");
        vec![
            (HYPER, target(self.hyper.address, "/")),
            (AXUM, target(self.axum.address, endpoints::USER_ENDPOINT)),
            (
                SERVICE,
                target(self.service.address, endpoints::USER_ENDPOINT),
            ),
            (ADMIN_ENDPOINT, target(admin, endpoints::ADMIN_ENDPOINT)),
            (USER_ENDPOINT, target(admin, endpoints::USER_ENDPOINT)),
            (ENV, target(admin, "/env")),
            (HYPER_TLS, tls_target(self.hyper_tls.address, "/")),
            (
                ADMIN_ENDPOINT_TLS,
                tls_target(admin_tls, endpoints::ADMIN_ENDPOINT),
            ),
        ]
    }
}

/// A server on a runtime of its own.
struct PeerServer {
    address: SocketAddr,
    _runtime: Runtime,
}

impl PeerServer {
    fn start<F: Future<Output = ()> + Send + 'static>(
        serve: impl FnOnce(TcpListener) -> F,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener));
        Self {
            address,
            _runtime: runtime,
        }
    }
}

/// What the admin server sends, to be sent by a server that does nothing else.
#[derive(Clone)]
struct RecordedReply {
    headers: HeaderMap,
    body: Bytes,
}

impl RecordedReply {
    fn ask(admin: SocketAddr) -> Self {
        let reply = admin_tests::ask(admin, "GET", endpoints::USER_ENDPOINT, &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
        let headers = reply.head.lines().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        // hyper writes these itself.
        let of_hyper = ["connection", "content-length", "date"];
        Self {
            headers: headers
                .filter(|(name, _)| !of_hyper.contains(&name.as_str()))
                .collect(),
            body: reply.body.into(),
        }
    }

    fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}

async fn serve_hyper(listener: TcpListener, reply: RecordedReply) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let reply = reply.clone();
        let service = service_fn(move |_| {
            let response = reply.response();
            async move { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn serve_hyper_over_tls(listener: TcpListener, reply: RecordedReply, tls: TlsAcceptor) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (reply, tls) = (reply.clone(), tls.clone());
        let service = service_fn(move |_| {
            let response = reply.response();
            async move { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(async move {
            let stream = tls.accept(stream).await.unwrap();
            let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // The load generator closes without the end of the TLS session.
            let _ = served.await;
        });
    }
}

/// The admin server as a service of a plain hyper server.
async fn serve_service(listener: TcpListener, service: AdminService) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn serve_axum(listener: TcpListener) {
    let handler = get(|| async { axum::Json(Stats::read()) });
    let app = axum::Router::new().route(endpoints::USER_ENDPOINT, handler);
    axum::serve(listener, app).await.unwrap();
}
