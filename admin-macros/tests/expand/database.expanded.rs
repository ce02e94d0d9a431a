#[allow(clippy::unused_async)]
/// The database answers.
async fn database(pool: State<Pool>) -> Result<(), Error> {
    pool.ping().await
}
#[allow(deprecated, unused_qualifications)]
const _: () = {
    const __A0: ::admin_runtime::__private::RunBinding<State<Pool>> = <State<
        Pool,
    > as ::admin_runtime::__private::FromRunContext>::BINDING;
    const _: () = ::admin_runtime::__private::refuse_thread(&__A0);
    const __OUTCOME: ::admin_runtime::__private::OutcomeConverter<Result<(), Error>> = <Result<
        (),
        Error,
    > as ::admin_runtime::__private::CheckOutcome<_>>::CONVERTER;
    fn __run(
        __context: &::admin_runtime::__private::RunContext,
    ) -> ::admin_runtime::__private::AsyncRun {
        let __a0 = __A0.extract(__context)?;
        ::core::result::Result::Ok(
            ::admin_runtime::__private::Box::pin(__OUTCOME.convert_async(database(__a0))),
        )
    }
    ::admin_runtime::__private::submit! {
        ::admin_runtime::__private::HealthCheckDescriptor { name : "database", docs :
        "The database answers.", settings :
        ::admin_runtime::__private::CheckSettings::DEFAULT
        .with_interval(::admin_runtime::__private::Duration::new(30u64, 0u32))
        .with_timeout(::admin_runtime::__private::Duration::new(0u64, 250000000u32)),
        required_state : & [__A0.required_state], source :
        ::admin_runtime::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "database")
        .with_location(::core::env!("CARGO_MANIFEST_DIR"), ::core::file!(),
        ::core::line!(), ::core::column!()), body :
        ::admin_runtime::__private::PeriodicBody::Async(__run), }
    }
};
#[allow(clippy::needless_pass_by_value)]
fn event_loop() {}
#[allow(deprecated, unused_qualifications)]
const _: () = {
    const __OUTCOME: framework::admin_runtime::__private::OutcomeConverter<()> = <() as framework::admin_runtime::__private::CheckOutcome<
        _,
    >>::CONVERTER;
    fn __run(
        _: &framework::admin_runtime::__private::RunContext,
    ) -> framework::admin_runtime::__private::SyncRun {
        __OUTCOME.convert(event_loop())
    }
    framework::admin_runtime::__private::submit! {
        framework::admin_runtime::__private::HealthCheckDescriptor { name : "event-loop",
        docs : "", settings : framework::admin_runtime::__private::CheckSettings::DEFAULT
        .with_kind(framework::admin_runtime::__private::CheckKind::Live), required_state
        : & [], source :
        framework::admin_runtime::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "event_loop")
        .with_location(::core::env!("CARGO_MANIFEST_DIR"), ::core::file!(),
        ::core::line!(), ::core::column!()), body :
        framework::admin_runtime::__private::PeriodicBody::Sync(__run), }
    }
};
