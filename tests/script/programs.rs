//! Scripts run in every kind of program: without an async runtime, with one, with threads that a
//! constructor starts.
//!
//! Each case calls `init` where such a program would.

use admin_endpoints::script::{ScriptConfig, init};
use admin_tests::Case;
use libtest_mimic::Failed;
use tokio::runtime::Builder;

use crate::constructor::with_thread_after_zygote;
use crate::server::client::Client;

pub(crate) fn cases() -> Vec<Case> {
    let cases = [
        Case::new("program_without_runtime", without_runtime),
        Case::new("tokio_main_with_many_threads", || {
            in_runtime(Builder::new_multi_thread().worker_threads(4))
        }),
        Case::new("tokio_main_with_current_thread", || {
            in_runtime(&mut Builder::new_current_thread())
        }),
    ];
    let cases = cases.into_iter();
    cases
        .map(|case| case.with_executable(with_thread_after_zygote))
        .collect()
}

fn without_runtime() -> Result<(), Failed> {
    init();
    scripts_run()
}

/// What `#[tokio::main]` makes of an asynchronous `main`.
fn in_runtime(builder: &mut Builder) -> Result<(), Failed> {
    let runtime = builder.enable_all().build()?;
    runtime.block_on(async {
        init();
        tokio::task::spawn_blocking(scripts_run).await
    })?
}

fn scripts_run() -> Result<(), Failed> {
    let client = Client::new(ScriptConfig::default());
    for number in 0..25 {
        let reply = client.run(format!("result = {number} * 2").as_bytes());
        if (reply.status, reply.text.as_str()) != (200, &(number * 2).to_string()) {
            return Err(format!("script {number}: {reply:?}").into());
        }
    }
    let sandbox: serde_json::Value = serde_json::from_str(&client.get("/run_script/sandbox").text)?;
    let namespaces = &sandbox["isolation"]["namespaces"];
    if *namespaces == user_namespaces_work()? {
        Ok(())
    } else {
        Err(format!("namespaces are {namespaces}").into())
    }
}

/// Whether the kernel lets this user have a user namespace, as another program sees it.
fn user_namespaces_work() -> Result<&'static str, Failed> {
    let flags = ["--user", "--net", "--ipc", "--uts", "true"];
    let status = std::process::Command::new("unshare").args(flags).status()?;
    Ok(if status.success() { "on" } else { "off" })
}
