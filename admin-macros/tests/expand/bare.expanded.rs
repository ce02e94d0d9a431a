#[allow(clippy::unused_async)]
async fn ping() {}
#[allow(deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use crate::admin::__private::NoSchema as _;
    const __REPLY: crate::admin::__private::TypedReply<()> = <() as crate::admin::__private::IntoResponse>::REPLY;
    fn __handle(
        _: &mut crate::admin::__private::RequestContext,
    ) -> crate::admin::__private::HandlerResult {
        ::core::result::Result::Ok(
            crate::admin::__private::HandlerTask::Async(
                crate::admin::__private::Box::pin(__REPLY.answer(ping())),
            ),
        )
    }
    crate::admin::__private::submit! {
        crate ::admin::__private::EndpointDescriptor::new(crate
        ::admin::__private::Method::Get, "/ping", crate
        ::admin::__private::SourceLocation::new(::core::env!("CARGO_CRATE_NAME"),
        ::core::module_path!(), "ping").with_location(::core::env!("CARGO_MANIFEST_DIR"),
        ::core::file!(), ::core::line!(), ::core::column!()), __handle).with_effect(crate
        ::admin::__private::Effect::Read).with_response(__REPLY.spec.with_schema(crate
        ::admin::__private::SchemaOf:: < () > ::SCHEMA)).with_runtime(crate
        ::admin::__private::Runtime::Admin)
    }
};
