//! Everything that generated code names. Not public API: any release may change it.
//!
//! An argument and the return type each become one typed constant, so that a type that cannot
//! serve is one compile error and not one for every use.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

pub use inventory::submit;

pub use std::boxed::Box;

pub use core::option::Option;
pub use core::primitive::{str, u32};
pub use core::time::Duration;

pub use crate::endpoint::{
    Effect, EffectIf, EndpointDescriptor, HandlerResult, HandlerTask, Method, Runtime, StatusFn,
};
pub use crate::periodic::{
    AsyncRun, Level, PeriodicArgument, PeriodicBinding, PeriodicBody, PeriodicDescriptor,
    PeriodicSettings, RunContext, RunOutcome, Schedule, Settler, SyncRun,
};
pub use crate::registry::LinkExpectation;
pub use crate::request::{
    Argument, ArgumentBinding, ArgumentDescriptor, ArgumentKind, Param, RequestContext,
};
use crate::request::{ArgumentPlace, via};
#[cfg(feature = "schemars")]
use crate::response::Described;
pub use crate::response::{
    AdminError, ErrorFormat, IntoResponse, Response, ResponseSpec, TypeSchema,
};
pub use crate::source::Source;

/// What `#[script_object]` names.
pub mod script {
    use std::sync::Arc;

    pub use core::option::Option;
    pub use core::primitive::str;

    pub use crate::script::{
        FromScriptValue, IntoScriptValue, MemberKind, ScriptArgs, ScriptMember, ScriptObject,
    };
    use crate::script::{ScriptError, ScriptValue};

    /// What a look-up or a call comes to.
    pub type Value = Result<ScriptValue, ScriptError>;

    /// The same, or nothing of that name.
    pub type Answer = Option<Value>;

    /// An object that nothing else owns.
    pub fn object<T: ScriptObject>(object: T) -> Value {
        Ok(ScriptValue::Object(Arc::new(object)))
    }
}

/// An argument of type `T`: what is registered about it and how it is taken.
pub struct TypedArgument<T> {
    /// What is registered.
    pub descriptor: ArgumentDescriptor,
    from_request: fn(&mut RequestContext, &ArgumentDescriptor) -> Result<T, AdminError>,
}

impl<T> TypedArgument<T> {
    /// The same with the schema of a JSON body.
    #[must_use]
    pub const fn with_schema(self, schema: Option<TypeSchema>) -> Self {
        let Self {
            mut descriptor,
            from_request,
        } = self;
        descriptor.schema = schema;
        Self {
            descriptor,
            from_request,
        }
    }

    /// Takes the value out of a request.
    pub fn bind(&self, request: &mut RequestContext) -> Result<T, AdminError> {
        (self.from_request)(request, &self.descriptor)
    }
}

impl<T> fmt::Debug for TypedArgument<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.descriptor.fmt(f)
    }
}

/// A type that a `{parameter}` of the path can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of the path",
    label = "a path gives exactly one value: not an `Option`, not a `Vec`, not a body",
    note = "std's numbers, `bool`, `char`, `String`, `PathBuf` and IP addresses can; for a type of yours with `FromStr`, add `admin_runtime::param!({Self}, \"what a value looks like\");`"
)]
pub trait PathArgument: Sized {
    /// How it is taken.
    const BINDING: ArgumentBinding<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Param> PathArgument for T {
    const BINDING: ArgumentBinding<Self> = <Self as Argument<via::Required>>::BINDING;
}

/// The argument that the n-th parameter of the path gives.
pub const fn path_argument<T>(
    binding: ArgumentBinding<T>,
    name: &'static str,
    docs: &'static str,
    index: usize,
) -> TypedArgument<T> {
    let ArgumentBinding { kind, from_request } = binding;
    let place = ArgumentPlace::Path(index);
    let descriptor = ArgumentDescriptor {
        name,
        docs,
        place,
        default: None,
        kind,
        schema: None,
    };
    TypedArgument {
        descriptor,
        from_request,
    }
}

/// An argument that its type explains.
pub const fn argument<T>(
    binding: ArgumentBinding<T>,
    name: &'static str,
    docs: &'static str,
    default: Option<&'static str>,
) -> TypedArgument<T> {
    let ArgumentBinding { kind, from_request } = binding;
    let descriptor = ArgumentDescriptor {
        name,
        docs,
        place: ArgumentPlace::Query,
        default,
        kind,
        schema: None,
    };
    TypedArgument {
        descriptor,
        from_request,
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

/// A return type: what is registered about it and how it becomes a reply.
pub struct TypedReply<T> {
    /// What is registered.
    pub spec: ResponseSpec,
    pub(crate) into_response: fn(T) -> Result<Response, AdminError>,
}

impl<T> fmt::Debug for TypedReply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<T: 'static> TypedReply<T> {
    /// The answer of an `async fn`. Generated code boxes it: a future that is not `Send` is then
    /// an error about the user's function, not about a bound of this one.
    pub fn answer<F: Future<Output = T>>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<Response, AdminError>> + use<T, F> {
        let into_response = self.into_response;
        async move { into_response(future.await) }
    }

    /// The work of a `fn`.
    pub fn blocking(&self, function: impl FnOnce() -> T + Send + 'static) -> HandlerResult {
        let into_response = self.into_response;
        Ok(HandlerTask::Blocking(Box::new(move || {
            into_response(function())
        })))
    }
}
