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
        ::admin_runtime::__private::EndpointDescriptor { method :
        ::admin_runtime::__private::Method::Get, path : "/loglevel", effect :
        ::admin_runtime::__private::Effect::Read, effect_if : &
        [::admin_runtime::__private::EffectIf { query : "level", effect :
        ::admin_runtime::__private::Effect::Write }], docs : "", arguments : & [__A0
        .descriptor, __A1.descriptor, #[cfg(unix)] __A2.descriptor], response : __REPLY
        .spec.with_schema(::admin_runtime::__private::SchemaOf:: < String > ::SCHEMA)
        .with_errors(::admin_runtime::__private::ErrorFormat::Json), timeout :
        ::core::option::Option::None, runtime :
        ::admin_runtime::__private::Runtime::Blocking, status :
        ::core::option::Option::None, source : ::admin_runtime::__private::Source {
        crate_name : ::core::env!("CARGO_CRATE_NAME"), manifest_dir :
        ::core::env!("CARGO_MANIFEST_DIR"), module : ::core::module_path!(), function :
        "loop", file : ::core::file!(), line : ::core::line!(), column :
        ::core::column!(), }, handler : __handle, }
    }
};
