//! Takes the samples. All `unsafe` code of the profiles is here and in `stacks`.
//!
//! `thread_timer` starts a timer on the CPU time of each thread; `signal` is the handler, which
//! copies registers and stack of its thread into `sample_slots`, by `session_table`; `session` is the
//! collector, which unwinds the copies into the `stack_store`. `waiting` looks at threads that wait.
//! `symbols` names the functions at the end.

mod random_phase;
mod sample_counts;
mod sample_slots;

mod session_table;

mod signal;

mod thread_timer;

mod stack_store;

mod loaded_mappings;
mod symbols;

#[cfg(feature = "heap-profile")]
mod return_addresses;
mod thread_list;
mod unsampled_time;

mod look_interval;
mod numbered_threads;
mod waiting;
mod wall_clock_loss;

mod session;

pub(super) use self::loaded_mappings::loaded_mappings;
#[cfg(feature = "heap-profile")]
pub(super) use self::return_addresses::profile_of_return_addresses;
pub(super) use self::session::Sampling;
