//! The line in `main`, and the function before `main` that makes a process a zygote.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{command_line, zygote};

/// Whether `main` has the line. There is one `main` in a process.
static INIT_CALLED: AtomicBool = AtomicBool::new(false);

/// Runs before `main`, when the process has one thread whatever `main` does.
///
/// The number puts it behind std's own constructor, which stores the arguments, and before the
/// constructors of the program, which may start threads.
#[used]
#[unsafe(link_section = ".init_array.00100")]
static ZYGOTE_CONSTRUCTOR: extern "C" fn() = before_main;

extern "C" fn before_main() {
    if let Some(arguments) = command_line::zygote_arguments() {
        zygote::run(arguments.server, arguments.interpreter)
    }
}

/// Allows this program to run scripts: `POST /run_script` answers 501 without it.
///
/// The route starts the program's own executable again, with an empty environment, and runs each
/// script in a process that is forked from that one. It needs this line anywhere in `main`, also
/// in an asynchronous one, before the first request:
///
/// ```
/// # #[expect(clippy::needless_doctest_main)]
/// fn main() {
///     admin_endpoints::script::init();
///     // the program
/// }
/// ```
///
/// The second process never reaches `main`: it is taken over before.
#[inline(never)] // links this module, and `ZYGOTE_CONSTRUCTOR` with it, into the executable
pub fn init() {
    INIT_CALLED.store(true, Ordering::Relaxed);
}

/// Whether [`init`] was called in this process.
pub(crate) fn is_initialised() -> bool {
    INIT_CALLED.load(Ordering::Relaxed)
}
