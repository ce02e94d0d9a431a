//! Everything that generated code names. Not public API: any release may change it.
//!
//! An argument and the return type each become one typed constant, so that a type that cannot
//! serve is one compile error and not one for every use.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

pub use http::StatusCode;
pub use inventory::submit;

pub use std::boxed::Box;

pub use core::option::Option;
pub use core::primitive::{str, u32};
pub use core::time::Duration;

pub use crate::audit_mask::AuditMaskRegistration;
pub use crate::build_info::BuildRegistration;
use crate::endpoint::Resource;
pub use crate::endpoint::{
    Effect, EffectIf, EndpointDescriptor, HandlerResult, HandlerTask, Method, ResourceFn, Runtime,
    StatusFn,
};
pub use crate::health::descriptor::{CheckSettings, HealthCheckDescriptor};
pub use crate::health::{CheckKind, CheckOutcome};
pub use crate::index::IndexPageRegistration;
pub use crate::periodic::argument::RunBinding;
pub use crate::periodic::descriptor::{AsyncRun, PeriodicBody, PeriodicDescriptor, SyncRun};
pub use crate::periodic::outcome::OutcomeConverter;
pub use crate::periodic::{
    Criticality, FromRunContext, RunContext, RunOutcome, Schedule, Settings as PeriodicSettings,
};
pub use crate::registry::LinkExpectation;
pub use crate::request::{
    Argument, ArgumentBinding, ArgumentDescriptor, ArgumentKind, Param, PathArgument,
    RequestContext, TypedArgument, argument, path_argument,
};
#[cfg(feature = "schemars")]
use crate::response::Described;
pub use crate::response::{
    AdminError, ErrorFormat, ErrorStatusDescriptor, ErrorWithStatus, IntoResponse, Response,
    ResponseSpec, SharedError, StatusFromErrorStatusMacro, TypeSchema, TypedReply,
};
pub use crate::source::SourceLocation;

/// What `#[script_object]` names.
pub mod script {
    use std::sync::Arc;

    pub use core::option::Option;
    pub use core::primitive::str;

    pub use crate::script::{
        FromScriptValue, IntoScriptValue, MemberKind, ScriptArgs, ScriptMember, ScriptObject,
    };
    use crate::script::{ScriptError, ScriptValue};

    /// The result of a lookup or a call.
    pub type Value = Result<ScriptValue, ScriptError>;

    /// The same, or `None` if there is nothing of that name.
    pub type Answer = Option<Value>;

    /// An object that nothing else owns.
    pub fn object<T: ScriptObject>(object: T) -> Value {
        Ok(ScriptValue::Object(Arc::new(object)))
    }
}

/// Where the schema of a type is looked for: `SchemaOf::<T>::SCHEMA` is the inherent constant where
/// `T` has a schema, and else that of the trait, which every type has.
pub struct SchemaOf<T>(PhantomData<T>);

impl<T> fmt::Debug for SchemaOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SchemaOf")
    }
}

#[cfg(feature = "schemars")]
impl<T: Described> SchemaOf<T> {
    /// The schema.
    pub const SCHEMA: Option<TypeSchema> = Some(T::SCHEMA);
}

/// What a type without a schema has.
pub trait NoSchema {
    /// None.
    const SCHEMA: Option<TypeSchema> = None;
}

impl<T> NoSchema for SchemaOf<T> {}

/// What the function of `resource = ".."` returned.
///
/// # Errors
///
/// Its error.
pub fn resource<T: Send + 'static, E: Into<Box<dyn Error + Send + Sync>>>(
    returned: Result<T, E>,
) -> Result<Resource, Box<dyn Error + Send + Sync>> {
    returned.map(Resource::new).map_err(Into::into)
}

/// Fails to compile where a body is asked for by a method whose requests have none.
#[track_caller]
pub const fn refuse_body(argument: &ArgumentDescriptor) {
    if matches!(argument.kind, ArgumentKind::Body { .. }) {
        panic!("a GET, HEAD or DELETE has no body: write `method = \"POST\"`");
    }
}

/// Fails to compile where a parameter has no name that a client could send.
#[track_caller]
pub const fn refuse_parameter(argument: &ArgumentDescriptor) {
    if matches!(argument.kind, ArgumentKind::Parameter(_)) {
        panic!("a parameter needs one name: write `name: T` or `#[param(name = \"..\")]`");
    }
}

/// Fails to compile where something other than a parameter has a default.
#[track_caller]
pub const fn refuse_default(argument: &ArgumentDescriptor) {
    if !matches!(argument.kind, ArgumentKind::Parameter(_)) {
        panic!("only a parameter of the query has a default: remove `default`");
    }
}

/// Fails to compile where a health check takes the periodic thread that it does not have.
#[track_caller]
pub const fn refuse_thread<T>(binding: &RunBinding<T>) {
    if binding.is_thread {
        panic!("a health check is not a periodic thread: take `State<T>` or `Config<T>`");
    }
}

impl<T: 'static> TypedReply<T> {
    /// The task of a `fn`.
    ///
    /// # Errors
    ///
    /// None; generated code returns what it returns.
    pub fn blocking(&self, function: impl FnOnce() -> T + Send + 'static) -> HandlerResult {
        let into_response = self.into_response;
        Ok(HandlerTask::Blocking(Box::new(move || {
            into_response(function())
        })))
    }
}
