//! Linked threads: arguments, required state and the server that runs them.

use std::any::TypeId;

use super::descriptor::{PeriodicBody, PeriodicDescriptor};
use super::*;
use crate::server_state::ServerState;
use crate::source::SourceLocation;
use crate::{Config, State};

fn counting(context: &RunContext) -> Result<RunSummary, PeriodicError> {
    let State(counter) = <State<Arc<AtomicUsize>> as FromRunContext>::from_run_context(context)?;
    let step = <Config<usize> as FromRunContext>::from_run_context(context)?;
    let own = <PeriodicThread as FromRunContext>::from_run_context(context)?;
    let total = counter.fetch_add(*step, Ordering::SeqCst) + *step;
    Ok(RunSummary::new(own.name()).with("total", total))
}

const COUNTING: PeriodicDescriptor = PeriodicDescriptor {
    name: "counting",
    docs: "Counts.",
    settings: Settings::DEFAULT,
    required_state: &[<State<Arc<AtomicUsize>> as FromRunContext>::REQUIRED_STATE],
    source: SourceLocation {
        crate_name: "engine",
        manifest_dir: "/ws/engine",
        module: "engine",
        function: "counting",
        file: "engine/src/lib.rs",
        line: 1,
        column: 1,
    },
    body: PeriodicBody::Sync(counting),
};

#[test]
fn each_server_provides_its_own_arguments() {
    let required = COUNTING.required_state[0].unwrap();
    assert_eq!((required.type_id)(), TypeId::of::<Arc<AtomicUsize>>());
    let mut totals = Vec::new();
    for (server, step) in [("server one", 3), ("server two", 5)] {
        let mut state = ServerState::default();
        state.insert_state(Arc::new(AtomicUsize::new(0)));
        state.insert_config(step as usize);
        let threads = PeriodicThreads::new(Some(server.to_owned()), &[COUNTING], &Arc::new(state));
        let running = threads.start().unwrap();
        let thread = threads.get("counting").unwrap();
        after_runs(&thread, 1);
        let run = thread.status().last_summary.unwrap();
        assert_eq!(run.message, "counting");
        totals.push(run.extra_info["total"].clone());
        drop(running);
    }
    assert_eq!(totals, [3, 5]);
}
