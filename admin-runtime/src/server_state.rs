//! What the builder of one server was given: state and settings, by their types.

use std::any::{TypeId, type_name};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::type_map::TypeMap;

/// The value of type `T` that *this* server was given with `builder().state(value)`.
///
/// Two servers in one process never share it. A server that lacks it does not build: the error
/// names the type, the file and the line.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, State, admin_endpoint};
/// use std::sync::Arc;
///
/// struct Cache { blocks: usize }
///
/// /// Blocks held now.
/// #[admin_endpoint(path = "/blocks")]
/// async fn blocks(cache: State<Arc<Cache>>) -> String {
///     cache.blocks.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().state(Arc::new(Cache { blocks: 7 })).build()?;
/// assert_eq!(server.test_client().get("/blocks").await.text(), "7");
///
/// let error = AdminServer::builder().build().unwrap_err().to_string();
/// assert!(error.contains("Cache>>: add `.state(..)` of that type to the builder; /blocks at"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct State<T>(pub T);

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Settings of a route: what `builder().config(value)` was given, else the default.
///
/// ```standalone_crate
/// # use admin_runtime::{admin_endpoint, AdminServer, Config};
/// #[derive(Debug, Default)]
/// struct EchoConfig { prefix: String }
///
/// #[admin_endpoint(path = "/echo/{text}")]
/// fn echo(text: String, config: Config<EchoConfig>) -> String {
///     format!("{}{text}", config.prefix)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().config(EchoConfig { prefix: "> ".into() }).build()?;
/// assert_eq!(server.test_client().get("/echo/hi").await.text(), "> hi");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Config<T>(pub Arc<T>);

impl<T> Clone for Config<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Config<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A type that `builder().state(..)` must provide.
///
/// ```
/// use admin_runtime::periodic::FromRunContext;
/// use admin_runtime::{Config, State};
///
/// let required = State::<String>::REQUIRED_STATE.ok_or("requires nothing")?;
/// assert_eq!((required.type_name)(), std::any::type_name::<String>());
/// assert_eq!((required.type_id)(), std::any::TypeId::of::<String>());
/// assert!(Config::<String>::REQUIRED_STATE.is_none(), "settings have a default");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequiredState {
    /// The type's name, for the error of `build()`.
    pub type_name: fn() -> &'static str,
    /// The type.
    pub type_id: fn() -> TypeId,
}

impl RequiredState {
    pub(crate) const fn new<T: 'static>() -> Self {
        Self {
            type_name: type_name::<T>,
            type_id: TypeId::of::<T>,
        }
    }
}

/// Everything that one builder was given with `state(..)` and `config(..)`.
#[derive(Debug, Default)]
pub(crate) struct ServerState {
    state: TypeMap,
    config: TypeMap,
    /// What `config` has, under the types that `config(..)` was given.
    config_types: Vec<(TypeId, &'static str)>,
}

impl ServerState {
    /// Stores state; whether it replaced a value of its type.
    pub(crate) fn insert_state<T: Send + Sync + 'static>(&mut self, value: T) -> bool {
        self.state.insert(value)
    }

    /// Stores settings; whether they replaced others of their type.
    pub(crate) fn insert_config<T: Send + Sync + 'static>(&mut self, value: T) -> bool {
        self.config_types
            .push((TypeId::of::<T>(), type_name::<T>()));
        self.config.insert(Arc::new(value))
    }

    pub(crate) fn state<T: 'static>(&self) -> Option<&T> {
        self.state.get()
    }

    pub(crate) fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.config.get::<Arc<T>>().cloned()
    }

    /// The types of all state, with their names.
    pub(crate) fn state_types(&self) -> Vec<(TypeId, &'static str)> {
        self.state.types()
    }

    /// The types of all settings, with their names.
    pub(crate) fn config_types(&self) -> &[(TypeId, &'static str)] {
        &self.config_types
    }

    /// Whether a need is met.
    pub(crate) fn has(&self, need: RequiredState) -> bool {
        self.state.has((need.type_id)())
    }
}

/// An argument whose value depends on the server only, neither on a request nor on a run.
pub(crate) trait FromServer: Sized {
    /// What the builder must have been given.
    const REQUIRED_STATE: Option<RequiredState> = None;

    /// Reads the value.
    fn from_server(server: &ServerState) -> Result<Self, MissingState>;
}

impl<T: Clone + Send + Sync + 'static> FromServer for State<T> {
    const REQUIRED_STATE: Option<RequiredState> = Some(RequiredState::new::<T>());

    fn from_server(server: &ServerState) -> Result<Self, MissingState> {
        let value = server.state::<T>().cloned();
        value.map(Self).ok_or(MissingState(type_name::<T>()))
    }
}

impl<T: Default + Send + Sync + 'static> FromServer for Config<T> {
    fn from_server(server: &ServerState) -> Result<Self, MissingState> {
        Ok(Self(server.config().unwrap_or_default()))
    }
}

/// State that `build()` would have found missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MissingState(&'static str);

impl fmt::Display for MissingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no state of type {}", self.0)
    }
}

impl std::error::Error for MissingState {}
