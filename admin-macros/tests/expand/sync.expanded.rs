#[allow(clippy::needless_pass_by_value)]
#[cfg(feature = "threads")]
pub(crate) fn r#loop(
    logger: String,
    level: Option<String>,
    #[cfg(unix)]
    caller: Caller,
) -> String {
    format!("{logger} {level:?} {caller}")
}
#[cfg(feature = "threads")]
#[allow(deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use ::admin_runtime::__private::NoSchema as _;
    const __A0: ::admin_runtime::__private::TypedArgument<String> = ::admin_runtime::__private::argument(
        <String as ::admin_runtime::__private::Argument<_>>::BINDING,
        "logger-name",
        "",
        ::core::option::Option::Some("root"),
    );
    const __A1: ::admin_runtime::__private::TypedArgument<Option<String>> = ::admin_runtime::__private::argument(
        <Option<String> as ::admin_runtime::__private::Argument<_>>::BINDING,
        "level",
        "",
        ::core::option::Option::None,
    );
    #[cfg(unix)]
    const __A2: ::admin_runtime::__private::TypedArgument<Caller> = ::admin_runtime::__private::argument(
        <Caller as ::admin_runtime::__private::Argument<_>>::BINDING,
        "caller",
        "",
        ::core::option::Option::None,
    );
    const _: () = {
        ::admin_runtime::__private::refuse_body(&__A0.descriptor);
        ::admin_runtime::__private::refuse_default(&__A0.descriptor);
        ::admin_runtime::__private::refuse_body(&__A1.descriptor);
        #[cfg(unix)] ::admin_runtime::__private::refuse_body(&__A2.descriptor);
    };
    const __REPLY: ::admin_runtime::__private::TypedReply<String> = <String as ::admin_runtime::__private::IntoResponse>::REPLY;
    fn __handle(
        __request: &mut ::admin_runtime::__private::RequestContext,
    ) -> ::admin_runtime::__private::HandlerResult {
        let __a0 = __A0.bind(__request)?;
        let __a1 = __A1.bind(__request)?;
        #[cfg(unix)]
        let __a2 = __A2.bind(__request)?;
        __REPLY.blocking(move || r#loop(__a0, __a1, #[cfg(unix)] __a2))
    }
    ::admin_runtime::__private::submit! {
        ::admin_runtime::__private::EndpointDescriptor::new(::admin_runtime::__private::Method::Get,
        "/loglevel",
        ::admin_runtime::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "loop").with_location(::core::env!("CARGO_MANIFEST_DIR"),
        ::core::file!(), ::core::line!(), ::core::column!()), __handle)
        .with_effect(::admin_runtime::__private::Effect::Read).with_response(__REPLY.spec
        .with_schema(::admin_runtime::__private::SchemaOf:: < String > ::SCHEMA)
        .with_errors(::admin_runtime::__private::ErrorFormat::Json))
        .with_runtime(::admin_runtime::__private::Runtime::Blocking).with_effect_if(const
        { & [::admin_runtime::__private::EffectIf::new("level",
        ::admin_runtime::__private::Effect::Write)] }).with_arguments(const { & [__A0
        .descriptor, __A1.descriptor, #[cfg(unix)] __A2.descriptor] })
    }
};
