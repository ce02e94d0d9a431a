#[allow(clippy::unused_async)]
/// Makes room.
async fn evictor(
    State(engine): State<Arc<Engine>>,
    #[cfg(unix)]
    this: PeriodicThread,
) -> Result<RunSummary, EngineError> {
    engine.evict(this.stop_requested()).await
}
#[allow(deprecated, unused_qualifications)]
const _: () = {
    const __A0: ::admin_runtime::__private::RunBinding<State<Arc<Engine>>> = <State<
        Arc<Engine>,
    > as ::admin_runtime::__private::FromRunContext>::BINDING;
    #[cfg(unix)]
    const __A1: ::admin_runtime::__private::RunBinding<PeriodicThread> = <PeriodicThread as ::admin_runtime::__private::FromRunContext>::BINDING;
    const __OUTCOME: ::admin_runtime::__private::OutcomeConverter<
        Result<RunSummary, EngineError>,
    > = <Result<
        RunSummary,
        EngineError,
    > as ::admin_runtime::__private::RunOutcome<_>>::CONVERTER;
    fn __run(
        __context: &::admin_runtime::__private::RunContext,
    ) -> ::admin_runtime::__private::AsyncRun {
        let __a0 = __A0.extract(__context)?;
        #[cfg(unix)]
        let __a1 = __A1.extract(__context)?;
        ::core::result::Result::Ok(
            ::admin_runtime::__private::Box::pin(
                __OUTCOME.convert_async(evictor(__a0, #[cfg(unix)] __a1)),
            ),
        )
    }
    ::admin_runtime::__private::submit! {
        ::admin_runtime::__private::PeriodicDescriptor { name : "evictor of tier 1", docs
        : "Makes room.", settings : ::admin_runtime::__private::PeriodicSettings::DEFAULT
        .with_level(::admin_runtime::__private::Criticality::High)
        .with_interval(::admin_runtime::__private::Duration::new(90u64, 0u32))
        .with_init_wait(::admin_runtime::__private::Duration::new(5u64, 0u32))
        .with_jitter(::admin_runtime::__private::Duration::new(0u64, 250000000u32))
        .with_timeout(::admin_runtime::__private::Duration::new(600u64, 0u32))
        .with_schedule(::admin_runtime::__private::Schedule::FixedRate)
        .with_failures(5u32)
        .with_backoff(::admin_runtime::__private::Duration::new(3600u64, 0u32)),
        required_state : & [__A0.required_state, #[cfg(unix)] __A1.required_state],
        source :
        ::admin_runtime::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "evictor")
        .with_location(::core::env!("CARGO_MANIFEST_DIR"), ::core::file!(),
        ::core::line!(), ::core::column!()), body :
        ::admin_runtime::__private::PeriodicBody::Async(__run), }
    }
};
