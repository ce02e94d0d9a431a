#[allow(clippy::unused_async)]
/// Drop cached blocks.
async fn clear(
    tier: String,
    tenant: Option<String>,
    State(engine): State<Arc<Engine>>,
) -> Result<Json<Cleared>, AdminError> {
    engine.clear(&tier, tenant.as_deref()).await
}
#[allow(deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use ::admin_runtime::__private::NoSchema as _;
    const __A0: ::admin_runtime::__private::TypedArgument<String> = ::admin_runtime::__private::path_argument(
        <String as ::admin_runtime::__private::PathArgument>::BINDING,
        "tier",
        "",
        0usize,
    );
    const __A1: ::admin_runtime::__private::TypedArgument<Option<String>> = ::admin_runtime::__private::argument(
            <Option<String> as ::admin_runtime::__private::Argument<_>>::BINDING,
            "tenant",
            "Only this tenant's blocks.",
            ::core::option::Option::None,
        )
        .with_schema(::admin_runtime::__private::SchemaOf::<Option<String>>::SCHEMA);
    const __A2: ::admin_runtime::__private::TypedArgument<State<Arc<Engine>>> = ::admin_runtime::__private::argument(
            <State<Arc<Engine>> as ::admin_runtime::__private::Argument<_>>::BINDING,
            "engine",
            "",
            ::core::option::Option::None,
        )
        .with_schema(::admin_runtime::__private::SchemaOf::<State<Arc<Engine>>>::SCHEMA);
    const __REPLY: ::admin_runtime::__private::TypedReply<
        Result<Json<Cleared>, AdminError>,
    > = <Result<
        Json<Cleared>,
        AdminError,
    > as ::admin_runtime::__private::IntoResponse>::REPLY;
    const __STATUS: ::admin_runtime::__private::StatusFn = tiers::status;
    const __RESOURCE: ::admin_runtime::__private::ResourceFn = |__context| ::admin_runtime::__private::resource(
        tiers::watch(__context),
    );
    fn __handle(
        __request: &mut ::admin_runtime::__private::RequestContext,
    ) -> ::admin_runtime::__private::HandlerResult {
        let __a0 = __A0.bind(__request)?;
        let __a1 = __A1.bind(__request)?;
        let __a2 = __A2.bind(__request)?;
        ::core::result::Result::Ok(
            ::admin_runtime::__private::HandlerTask::Async(
                ::admin_runtime::__private::Box::pin(
                    __REPLY.answer(clear(__a0, __a1, __a2)),
                ),
            ),
        )
    }
    ::admin_runtime::__private::submit! {
        ::admin_runtime::__private::EndpointDescriptor::new(::admin_runtime::__private::Method::Post,
        "/cache/{tier}/clear",
        ::admin_runtime::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "clear")
        .with_location(::core::env!("CARGO_MANIFEST_DIR"), ::core::file!(),
        ::core::line!(), ::core::column!()), __handle)
        .with_effect(::admin_runtime::__private::Effect::Write).with_response(__REPLY
        .spec.with_schema(::admin_runtime::__private::SchemaOf:: < Result < Json <
        Cleared >, AdminError > > ::SCHEMA))
        .with_runtime(::admin_runtime::__private::Runtime::User)
        .with_docs("Drop cached blocks.").with_arguments(const { & [__A0.descriptor, __A1
        .descriptor, __A2.descriptor] })
        .with_timeout(::admin_runtime::__private::Duration::new(5u64, 0u32))
        .with_deny_unknown(true).with_sensitive(true).with_status(__STATUS)
        .with_resource(__RESOURCE)
    }
};
