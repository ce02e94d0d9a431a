//! A client for small requests to other processes of the fleet: HTTP/1.1 over TCP, TLS and Unix sockets.

mod bounded_stream;
mod credentials;
mod destination;
mod error;
mod exchange;
mod last_read;
mod request;
mod tls;

pub(super) use self::credentials::{CredentialSources, LoadedCredentials, TokenSource};
pub(super) use self::destination::{Destination, TlsDestination};
pub(super) use self::error::ClientError;
pub(super) use self::exchange::{ClientAnswer, OutgoingRequest, exchange, exchange_one};
pub(super) use self::request::{query_value, request};
