//! The callsite of questions to a subscriber that send no event.

use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata};

/// The callsite of probes. It is not registered, so that no subscriber learns of it.
pub(super) struct ProbeCallsite;

pub(super) static PROBE_CALLSITE: ProbeCallsite = ProbeCallsite;

/// The metadata of what is only asked for.
pub(super) static PROBE_METADATA: Metadata<'static> = Metadata::new(
    "probe",
    module_path!(),
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(&[], Identifier(&PROBE_CALLSITE)),
    Kind::SPAN,
);

impl Callsite for ProbeCallsite {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &PROBE_METADATA
    }
}
