#[allow(clippy::needless_pass_by_value)]
fn heartbeat() {}
#[allow(deprecated, unused_qualifications)]
const _: () = {
    const __OUTCOME: ::admin_runtime::__private::OutcomeConverter<()> = <() as ::admin_runtime::__private::RunOutcome<
        _,
    >>::CONVERTER;
    fn __run(
        _: &::admin_runtime::__private::RunContext,
    ) -> ::admin_runtime::__private::SyncRun {
        __OUTCOME.convert(heartbeat())
    }
    ::admin_runtime::__private::submit! {
        ::admin_runtime::__private::PeriodicDescriptor { name : "heartbeat", docs : "",
        settings : ::admin_runtime::__private::PeriodicSettings::DEFAULT
        .with_level(::admin_runtime::__private::Criticality::Critical), required_state :
        & [], source :
        ::admin_runtime::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "heartbeat")
        .with_location(::core::env!("CARGO_MANIFEST_DIR"), ::core::file!(),
        ::core::line!(), ::core::column!()), body :
        ::admin_runtime::__private::PeriodicBody::Sync(__run), }
    }
};
