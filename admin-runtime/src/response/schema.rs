//! The JSON Schema of a type, handed from generated code to the OpenAPI document.

/// How to make the JSON Schema of a body or a reply.
///
/// There are values of it only with the cargo feature `schemars`, for `Json<T>` and `Pretty<T>` of
/// a type with `schemars::JsonSchema`; generated code looks for it and no signature asks for it.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Json, admin_endpoint};
///
/// #[admin_endpoint(path = "/sizes")]
/// async fn sizes() -> Json<Vec<u8>> {
///     Json(vec![1, 2])
/// }
///
/// let document = AdminServer::builder().build()?.registry().openapi();
/// let answer = &document["paths"]["/sizes"]["get"]["responses"]["200"];
/// let schema = &answer["content"]["application/json"]["schema"];
/// assert_eq!(schema["type"], "array");
/// assert_eq!(schema["items"]["maximum"], 255);
/// # Ok::<(), admin_runtime::BuildError>(())
/// ```
#[cfg(feature = "schemars")]
#[derive(Clone, Copy, Debug)]
pub struct TypeSchema(pub(crate) fn(&mut schemars::SchemaGenerator) -> schemars::Schema);

/// How to make the JSON Schema of a body or a reply.
///
/// There are values of it only with the cargo feature `schemars`, for `Json<T>` and `Pretty<T>` of
/// a type with `schemars::JsonSchema`; generated code looks for it and no signature asks for it.
///
/// ```
/// use admin_runtime::{IntoResponse, Json};
///
/// assert!(Json::<Vec<u8>>::SPEC.schema.is_none());
/// ```
#[cfg(not(feature = "schemars"))]
#[derive(Clone, Copy, Debug)]
pub enum TypeSchema {}

/// A body or reply whose JSON has a schema.
#[cfg(feature = "schemars")]
pub trait Described {
    /// The schema.
    const SCHEMA: TypeSchema;
}

#[cfg(feature = "schemars")]
mod described {
    use http::StatusCode;
    use http::header::{HeaderName, HeaderValue};
    use schemars::{JsonSchema, SchemaGenerator};

    use super::{Described, TypeSchema};
    use crate::response::{Json, Pretty};

    impl<T: JsonSchema> Described for Json<T> {
        const SCHEMA: TypeSchema = TypeSchema(SchemaGenerator::subschema_for::<T>);
    }

    impl<T: JsonSchema> Described for Pretty<T> {
        const SCHEMA: TypeSchema = TypeSchema(SchemaGenerator::subschema_for::<T>);
    }

    impl<T: Described> Described for Option<T> {
        const SCHEMA: TypeSchema = T::SCHEMA;
    }

    impl<T: Described, E> Described for Result<T, E> {
        const SCHEMA: TypeSchema = T::SCHEMA;
    }

    impl<T: Described> Described for (StatusCode, T) {
        const SCHEMA: TypeSchema = T::SCHEMA;
    }

    impl<T: Described, const N: usize> Described for (StatusCode, [(HeaderName, HeaderValue); N], T) {
        const SCHEMA: TypeSchema = T::SCHEMA;
    }
}
