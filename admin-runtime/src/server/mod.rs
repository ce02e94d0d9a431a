//! The admin server: from a builder to an assembled server to a running one.

mod accepted_connection;
mod admin_server;
mod assemble;
mod builder;
mod connection_stream;
mod listener;
mod running;
mod start_error;
mod test_client;

pub use self::admin_server::AdminServer;
pub use self::builder::Builder;
pub use self::running::RunningServer;
pub use self::start_error::StartError;
pub use self::test_client::{TestClient, TestReply, TestRequest};
