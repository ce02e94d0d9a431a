//! The words that are valid values of the attribute.

use crate::words::words;

words! {
    /// Which probe asks the check.
    CheckKind, "kind",
    "live" => Live,
    "ready" => Ready,
}
