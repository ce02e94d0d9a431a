//! The admin server: from a builder to an assembled server to a running one.

mod accept_loop;
mod accept_warning;
mod accepted_connection;
mod admin_server;
mod assemble;
mod builder;
mod connection_phase;
mod connection_stream;
mod connection_table;
mod credentials_reload;
mod descriptor_reserve;
mod main_thread;
mod open_listeners;
mod refusal;
mod running;
mod runtimes;
mod server_socket;
mod start_error;
mod start_warnings;
#[cfg(feature = "systemd")]
mod systemd;
mod test_client;
mod thread_check;
#[cfg(feature = "tls")]
mod tls_handshake;
mod token_file;
mod tracked_body;
mod tracked_reply;
mod transport;
mod unread_rest;
mod unwritten_part;

pub use self::admin_server::AdminServer;
pub use self::builder::Builder;
pub use self::running::RunningServer;
pub use self::start_error::StartError;
pub use self::test_client::{TestClient, TestRequest, TestResponse};
