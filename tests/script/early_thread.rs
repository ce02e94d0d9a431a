//! A program that has a second thread before the zygote could be taken over: the route says so
//! instead of forking a process with threads.

use admin_endpoints::script::ScriptConfig;
use admin_tests::{Case, cases};
use libtest_mimic::Failed;

use crate::constructor::with_thread_before_zygote;
use crate::server::client::Client;

pub(crate) fn cases() -> Vec<Case> {
    let cases = cases![second_thread_is_named].into_iter();
    cases
        .map(|case| case.with_executable(with_thread_before_zygote))
        .collect()
}

fn second_thread_is_named() -> Result<(), Failed> {
    let client = Client::new(ScriptConfig::default());
    for reply in [client.run(b"result = 1"), client.get("/run_script/sandbox")] {
        let expected = "The script sandbox could not be started: the program has more than one \
                        thread before `main`: a constructor of a shared library or the allocator \
                        starts one";
        if reply.status != 503 || !reply.text.contains(expected) {
            return Err(format!("{reply:?}").into());
        }
    }
    Ok(())
}
