//! The words that are valid values of the attribute.

use crate::words::words;

words! {
    /// How much depends on the thread.
    Criticality, "level",
    "critical" => Critical,
    "high" => High,
    "medium" => Medium,
    "low" => Low,
}

words! {
    /// What the interval is measured from.
    Schedule, "schedule",
    "fixed_delay" => FixedDelay,
    "fixed_rate" => FixedRate,
}
