//! A program that has a second thread before the zygote could be taken over: the route says so
//! instead of forking a process with threads.

mod server;

use std::process::ExitCode;

use admin_endpoints::script::{ScriptConfig, init};
use libtest_mimic::{Arguments, Failed, Trial};

use server::client::Client;
use server::constructor::start_thread;

admin_runtime::link!(admin_endpoints);

/// Runs first of all, as the constructor of a shared library does.
#[used]
#[unsafe(link_section = ".init_array.00001")]
static STARTS_THREAD: extern "C" fn() = start_thread;

fn main() -> ExitCode {
    init();
    let trial = Trial::test("second_thread_is_named", second_thread_is_named);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
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
