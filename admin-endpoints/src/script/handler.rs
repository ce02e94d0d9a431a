//! `POST /run_script`, and what its sandbox is like.

use std::{sync::Arc, time::Instant};

use admin_runtime::script::{ScriptObjects, ScriptPlace};
use admin_runtime::{
    AdminError, Audit, Caller, Config, EndpointStatus, Json, Registry, RequestContext, RequestId,
    Response, StatusCode, Upload, admin_endpoint,
};
use serde::Serialize;

use super::{
    app::App,
    child::{Isolation, is_initialised},
    config::ScriptConfig,
    engine::MODULES,
    environ::MaskedEnviron,
    limits::ScriptLimits,
    outcome::ScriptOutcome,
    record::{Printed, Record},
    run::{RunningScript, ScriptResult},
    session::Session,
    source::source,
    wire::Start,
};

/// What is missing in `main`.
const MISSING_INIT: &str = "Scripts need one line in main: make \
    `admin_endpoints::script::init();` the first line of main";

/// Upload and execute a Python script in a restricted sandbox environment.
///
/// The answer is `str(result)`, or `Script executed successfully` if the script sets no `result`.
/// The script sees `app`: `app.state.NAME` is what the program registered, live and read-only
/// unless changes are allowed; `app.endpoints` lists this server's routes. Only modules in
/// `script_allowed_imports` can be imported. What the sandbox's Python lacks: `yield`, `del` of
/// names, class inheritance, `match`, complex numbers, files, and every module not listed at
/// `GET /run_script/sandbox`, where the limits and isolation layers are shown too.
#[admin_endpoint(
    method = "POST",
    path = "/run_script",
    effect = "dangerous",
    runtime = "admin",
    status = "isolation_layers"
)]
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
async fn run_script(
    /// Python script file to execute.
    script: Option<Upload>,
    /// Puts what the script printed before the answer.
    #[param(default = "false")]
    output: bool,
    config: Config<ScriptConfig>,
    objects: ScriptObjects,
    registry: Registry,
    environ: MaskedEnviron,
    audit: Audit,
    caller: Caller,
    id: RequestId,
) -> Result<Response, AdminError> {
    let script = script.ok_or_else(|| AdminError::bad_request("No script file provided"))?;
    let record = Record::of(script.bytes());
    audit.change("-", &record);
    let place = enter(&objects, &config.limits)?;
    let began = now();
    let ran = match source(script.bytes(), &config.limits) {
        Ok(source) => {
            let app = App::new(objects, registry);
            run(source, app, environ, &config, place).await?
        }
        Err(message) => ScriptResult::only(ScriptOutcome::Raised(message)),
    };
    audit.change("-", record.ended(began.elapsed(), ran.outcome.word()));
    if !ran.printed.is_empty() {
        tracing::info!(
            target: "admin_endpoints::script",
            request_id = %id,
            who = %caller,
            printed = %Printed(&ran.printed),
            "a script printed"
        );
    }
    Ok(answer(ran, output, &config.limits))
}

/// What scripts can use on this server, and how they are isolated.
#[derive(Debug, Serialize)]
struct Sandbox {
    engine: &'static str,
    /// Modules that this server lets scripts import.
    imports: Vec<String>,
    /// Modules that could be allowed.
    modules: &'static [&'static str],
    /// Whether methods that change the process can be called.
    changes: bool,
    /// Names under `app.state`.
    objects: Vec<String>,
    limits: Bounds,
    /// `on` or `off`, each.
    isolation: EndpointStatus,
}

#[derive(Debug, Serialize)]
struct Bounds {
    source_bytes: usize,
    wall_seconds: f64,
    cpu_seconds: f64,
    memory_bytes: usize,
    recursion: usize,
    result_bytes: usize,
    output_bytes: usize,
    look_ups: usize,
    concurrent: usize,
}

/// What the index says of both routes: each wall, `on` or `off`.
fn isolation_layers(_: &RequestContext) -> EndpointStatus {
    if is_initialised() {
        isolation_status(Isolation::expected())
    } else {
        EndpointStatus::new().with("init", MISSING_INIT)
    }
}

/// What scripts can use on this server, and how they are isolated.
///
/// Starts a sandbox to see which isolation layers are active.
#[admin_endpoint(
    path = "/run_script/sandbox",
    runtime = "admin",
    status = "isolation_layers"
)]
async fn sandbox(
    config: Config<ScriptConfig>,
    objects: ScriptObjects,
    registry: Registry,
    environ: MaskedEnviron,
) -> Result<Json<Sandbox>, AdminError> {
    let place = enter(&objects, &config.limits)?;
    let names = objects.names().map(str::to_owned).collect();
    let app = App::new(objects, registry);
    let ran = run(String::new(), app, environ, &config, place).await?;
    let isolation = ran.isolation.ok_or_else(|| {
        AdminError::unavailable("The sandbox could not be started; the log says why")
    })?;
    Ok(Json(Sandbox {
        engine: "monty 0.0.23",
        imports: config.imports.clone(),
        modules: &MODULES,
        changes: config.changes,
        objects: names,
        limits: Bounds::of(&config.limits),
        isolation: isolation_status(isolation),
    }))
}

fn enter(objects: &ScriptObjects, limits: &ScriptLimits) -> Result<ScriptPlace, AdminError> {
    if !is_initialised() {
        return Err(AdminError::not_implemented(MISSING_INIT));
    }
    objects.enter(limits.concurrent).ok_or_else(|| {
        let most = limits.concurrent;
        AdminError::too_many_requests(format!("At most {most} scripts run at once: try again"))
    })
}

async fn run(
    source: String,
    app: App,
    environ: MaskedEnviron,
    config: &ScriptConfig,
    place: ScriptPlace,
) -> Result<ScriptResult, AdminError> {
    let limits = &config.limits;
    let session = Session::new(Arc::new(app), environ, config.changes, limits.look_ups);
    let start = Start {
        source,
        imports: config.imports.clone(),
        limits: limits.clone(),
    };
    Ok(
        RunningScript::start(start, session, config.keep_warm, place)?
            .finish(limits.wall)
            .await,
    )
}

fn answer(ran: ScriptResult, output: bool, limits: &ScriptLimits) -> Response {
    let printed = if output { ran.printed } else { String::new() };
    match ran.outcome.answer(limits) {
        Ok(text) => Response::text(printed + &text),
        Err(message) => Response::text(format!("{printed}Error executing script: {message}"))
            .with_status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

impl Bounds {
    fn of(limits: &ScriptLimits) -> Self {
        Self {
            source_bytes: limits.source_bytes,
            wall_seconds: limits.wall.as_secs_f64(),
            cpu_seconds: limits.cpu.as_secs_f64(),
            memory_bytes: limits.memory_bytes,
            recursion: limits.recursion,
            result_bytes: limits.result_bytes,
            output_bytes: limits.output_bytes,
            look_ups: limits.look_ups,
            concurrent: limits.concurrent,
        }
    }
}

/// Each wall, `on` or `off`. A child that reports at all has the first five.
fn isolation_status(isolation: Isolation) -> EndpointStatus {
    let shown = |on| if on { "on" } else { "off" };
    EndpointStatus::new()
        .with("process", "on")
        .with("empty_environment", "on")
        .with("resource_limits", "on")
        .with("no_new_privileges", "on")
        .with("parent_death_signal", "on")
        .with("seccomp", shown(isolation.seccomp))
        .with("landlock", shown(isolation.landlock))
        .with("namespaces", shown(isolation.namespaces))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the audit line says how long a script took"
)]
fn now() -> Instant {
    Instant::now()
}
