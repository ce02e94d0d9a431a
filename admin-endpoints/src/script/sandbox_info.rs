//! `GET /run_script/sandbox`: what scripts can use, and how they are isolated.

use std::sync::Arc;
use std::time::{Duration, Instant};

use admin_runtime::clock::Clock;
use admin_runtime::describe::EndpointStatus;
use admin_runtime::{AdminError, Config, Json, RequestContext, admin_endpoint};
use serde::Serialize;
use tokio::sync::Mutex;

use super::app::App;
use super::availability;
use super::config::ScriptConfig;
use super::engine::{MODULES, refused};
use super::engine_setting::Engine;
use super::environ::MaskedEnviron;
use super::isolation_report::IsolationReport;
use super::limits::ScriptLimits;
use super::run::{RunSettings, RunningScript};
use super::sandbox_error::{SandboxError, unavailable};
use super::session::Session;
use super::wire::StartMessage;
use super::zygote_pool;
use super::zygote_program::ZygoteProgram;

/// How long the failure of a probe is repeated before the next one.
const PROBE_INTERVAL: Duration = Duration::from_secs(10);

/// The last probe that failed. Locked while a probe runs, so that there is one at a time.
static FAILED_PROBE: Mutex<Option<FailedProbe>> = Mutex::const_new(None);

struct FailedProbe {
    engine: Engine,
    at: Instant,
    message: String,
}

#[derive(Debug, Serialize)]
struct SandboxInfo {
    engine: String,
    /// What the interpreter does now, with CPython.
    #[serde(skip_serializing_if = "Option::is_none")]
    interpreter: Option<String>,
    /// Modules that this server lets scripts import.
    imports: Vec<String>,
    /// Modules that could be allowed; with CPython all of the standard library.
    #[serde(skip_serializing_if = "Option::is_none")]
    modules: Option<&'static [&'static str]>,
    /// What the embedded engine refuses by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Vec<&'static str>>,
    /// Whether methods that change the process can be called.
    changes: bool,
    /// Names under `app.state`.
    objects: Vec<String>,
    limits: LimitsInfo,
    /// `on` or `off`, each.
    isolation: EndpointStatus,
}

#[derive(Debug, Serialize)]
struct LimitsInfo {
    source_bytes: usize,
    wall_seconds: f64,
    cpu_seconds: f64,
    memory_bytes: usize,
    recursion: usize,
    result_bytes: usize,
    output_bytes: usize,
    lookups: usize,
    concurrent: usize,
}

/// Get what scripts can use on this server, and how they are isolated.
///
/// The isolation is what the process of a script reported. If no script has run yet, the first
/// request runs an empty one.
#[admin_endpoint(
    path = "/run_script/sandbox",
    runtime = "admin",
    status = "isolation_status"
)]
async fn sandbox(
    config: Config<ScriptConfig>,
    app: App,
    environ: MaskedEnviron,
) -> Result<Json<SandboxInfo>, AdminError> {
    availability::require()?;
    let names = app.objects().names().map(str::to_owned).collect();
    let isolation = match IsolationReport::reported(&config.engine) {
        Some(isolation) => isolation,
        None => {
            let session = Session::new(Arc::new(app), environ, false, 0);
            let settings = RunSettings {
                keep_warm: Duration::ZERO,
                ..RunSettings::new(&config)
            };
            // A task of its own: a client that leaves does not make the next one start again.
            tokio::spawn(probe(session, settings, config.limits.clone())).await??
        }
    };
    let interpreter = config.engine.interpreter();
    Ok(Json(SandboxInfo {
        engine: match interpreter {
            Some(path) => format!("CPython {}", path.display()),
            None => "monty 0.0.23".to_owned(),
        },
        interpreter: zygote_pool::interpreter_state(&ZygoteProgram::new(&config)),
        imports: config.imports(),
        modules: interpreter.is_none().then_some(&MODULES),
        refused: interpreter.is_none().then(refused),
        changes: config.changes,
        objects: names,
        limits: LimitsInfo::from(&config.limits),
        isolation: layers(Some(isolation)),
    }))
}

/// What the index says of both routes: each layer, or what the program lacks.
pub(super) fn isolation_status(request: &RequestContext) -> EndpointStatus {
    if let Some(what) = availability::missing() {
        return EndpointStatus::new().with("init", what);
    }
    let config = request.config::<ScriptConfig>().unwrap_or_default();
    let layers = layers(IsolationReport::reported(&config.engine));
    match zygote_pool::interpreter_state(&ZygoteProgram::new(&config)) {
        Some(state) => layers.with("interpreter", state),
        None => layers,
    }
}

/// Runs an empty script and returns the isolation that its worker reports. Later calls return the
/// same without a process; a failure is repeated for [`PROBE_INTERVAL`].
async fn probe(
    session: Session,
    settings: RunSettings,
    limits: ScriptLimits,
) -> Result<IsolationReport, AdminError> {
    let mut failed = FAILED_PROBE.lock().await;
    let engine = settings.program.engine.clone();
    if let Some(isolation) = IsolationReport::reported(&engine) {
        return Ok(isolation);
    }
    if let Some(failed) = &*failed
        && failed.engine == engine
        && failed.at.elapsed() < PROBE_INTERVAL
    {
        return Err(unavailable(failed.message.clone()));
    }
    let message = match run_empty_script(session, settings, limits).await {
        Ok(isolation) => return Ok(isolation),
        Err(error) => error.to_string(),
    };
    *failed = Some(FailedProbe {
        engine,
        at: Clock::system().now(),
        message: message.clone(),
    });
    Err(unavailable(message))
}

async fn run_empty_script(
    session: Session,
    settings: RunSettings,
    limits: ScriptLimits,
) -> Result<IsolationReport, SandboxError> {
    let engine = settings.program.engine.clone();
    let worker_limits = limits.clone();
    let start = || StartMessage {
        source: String::new(),
        imports: Vec::new(),
        limits: worker_limits,
    };
    let script = RunningScript::start(start, session, settings, ())?;
    let failure = script
        .finish(limits.max_wall_time)
        .await
        .outcome
        .into_failure();
    IsolationReport::reported(&engine).ok_or_else(|| failure.unwrap_or(SandboxError::WorkerLost))
}

/// Each layer, `on`, `off`, or `unknown` before the first script. A worker without one of the
/// first six runs no script.
fn layers(isolation: Option<IsolationReport>) -> EndpointStatus {
    let state = |layer: fn(IsolationReport) -> bool| match isolation.map(layer) {
        Some(true) => "on",
        Some(false) => "off",
        None => "unknown",
    };
    EndpointStatus::new()
        .with("process", "on")
        .with("empty_environment", "on")
        .with("resource_limits", "on")
        .with("no_new_privileges", "on")
        .with("no_capabilities", "on")
        .with("parent_death_signal", "on")
        .with("seccomp", state(|isolation| isolation.seccomp))
        .with("landlock", state(|isolation| isolation.landlock))
        .with("namespaces", state(|isolation| isolation.namespaces))
        .with("pid_namespace", state(|isolation| isolation.pid_namespace))
        .with(
            "mount_namespace",
            state(|isolation| isolation.mount_namespace),
        )
        .with("oom_score_adj", state(|isolation| isolation.oom_score_adj))
}

impl From<&ScriptLimits> for LimitsInfo {
    fn from(limits: &ScriptLimits) -> Self {
        Self {
            source_bytes: limits.max_source_bytes,
            wall_seconds: limits.max_wall_time.as_secs_f64(),
            cpu_seconds: limits.max_cpu_time.as_secs_f64(),
            memory_bytes: limits.max_memory_bytes,
            recursion: limits.max_recursion_depth,
            result_bytes: limits.max_result_bytes,
            output_bytes: limits.max_output_bytes,
            lookups: limits.max_lookups,
            concurrent: limits.max_concurrent_scripts,
        }
    }
}
