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
        crate ::admin::__private::EndpointDescriptor { method : crate
        ::admin::__private::Method::Get, path : "/ping", effect : crate
        ::admin::__private::Effect::Read, effect_if : & [], docs : "", arguments : & [],
        response : __REPLY.spec.with_schema(crate ::admin::__private::SchemaOf:: < () >
        ::SCHEMA), timeout : ::core::option::Option::None, runtime : crate
        ::admin::__private::Runtime::Admin, status : ::core::option::Option::None, source
        : crate ::admin::__private::Source { crate_name :
        ::core::env!("CARGO_CRATE_NAME"), manifest_dir :
        ::core::env!("CARGO_MANIFEST_DIR"), module : ::core::module_path!(), function :
        "ping", file : ::core::file!(), line : ::core::line!(), column :
        ::core::column!(), }, handler : __handle, }
    }
};
