//! Tests that each need a process of their own.

mod child;
mod list;
mod program;
mod run;

pub use self::list::{Case, CaseResult};
pub use self::program::{Program, wait_for_input};
pub use self::run::run_cases;
