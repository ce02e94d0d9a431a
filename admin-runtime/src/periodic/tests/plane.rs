//! What the attribute gives: arguments, needs, and the server that runs it.

use std::any::TypeId;

use super::*;
use crate::server_state::ServerState;
use crate::source::Source;
use crate::{Config, State};

fn counting(context: &RunContext) -> Result<RunSummary, PeriodicError> {
    let State(counter) = <State<Arc<AtomicUsize>> as PeriodicArgument>::take(context)?;
    let step = <Config<usize> as PeriodicArgument>::take(context)?;
    let own = <PeriodicThread as PeriodicArgument>::take(context)?;
    let total = counter.fetch_add(*step, Ordering::SeqCst) + *step;
    Ok(RunSummary::new(own.name()).with("total", total))
}

const COUNTING: PeriodicDescriptor = PeriodicDescriptor {
    name: "counting",
    docs: "Counts.",
    settings: PeriodicSettings::DEFAULT,
    needs: &[<State<Arc<AtomicUsize>> as PeriodicArgument>::NEEDS],
    source: Source {
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
fn arguments_come_from_the_server_and_each_server_has_its_own() {
    let need = COUNTING.needs[0].unwrap();
    assert_eq!((need.type_id)(), TypeId::of::<Arc<AtomicUsize>>());
    let mut totals = Vec::new();
    for (server, step) in [("plane one", 3), ("plane two", 5)] {
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
