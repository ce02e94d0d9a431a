//! The program under load.

use std::fs;
use std::time::Duration;

use admin_endpoints::loglevel::LogLevels;
use admin_endpoints::script::ScriptConfig;
use admin_endpoints::threads::ThreadsConfig;
use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Upload, admin_endpoint};
use admin_tests::{Case, cases, wait_for_input};
use tracing_subscriber::prelude::*;

pub(super) fn programs() -> Vec<Case> {
    cases![serve]
}

/// How long scripts and dumps keep what the next one needs: less than usage has to stay the same.
const LIFETIME: Duration = Duration::from_millis(300);

#[admin_endpoint(method = "POST", path = "/upload")]
async fn upload(file: Upload) -> String {
    file.bytes().len().to_string()
}

/// In the program: serves on three listeners, with all that the common routes need.
fn serve() {
    let levels = LogLevels::from_spec("info").unwrap();
    let console = tracing_subscriber::fmt::layer().with_writer(std::io::sink);
    tracing_subscriber::registry()
        .with(levels.filter())
        .with(console)
        .init();
    levels.keep_history();
    levels.install().unwrap();
    admin_endpoints::metrics::install().unwrap();

    let folder = std::env::temp_dir().join(format!("admin-soak-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name);
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(file("tls.crt"), signed.cert.pem()).unwrap();
    fs::write(file("tls.key"), signed.signing_key.serialize_pem()).unwrap();
    let server = AdminServer::builder()
        .config(ThreadsConfig::default().symbol_lifetime(LIFETIME))
        .config(ScriptConfig::default().keep_warm(LIFETIME))
        .listen(Listener::tcp("127.0.0.1:0"))
        .listen(Listener::tcp("127.0.0.1:0").tls(file("tls.crt"), file("tls.key")))
        .listen(Listener::unix(file("admin.sock")))
        .start()
        .unwrap();
    let addresses = server
        .listeners()
        .iter()
        .filter_map(|open| open.local_addr());
    for address in addresses {
        println!("{address}");
    }
    println!("{}", folder.display());
    wait_for_input();
    drop(server);
    fs::remove_dir_all(folder).unwrap();
}
