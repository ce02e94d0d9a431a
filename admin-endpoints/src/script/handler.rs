//! `POST /run_script`.

use std::sync::Arc;
use std::time::Duration;

use admin_runtime::clock::Clock;
use admin_runtime::script::{ScriptObjects, ScriptPermit};
use admin_runtime::{
    AdminError, Config, HeaderValue, LargeBuffer, Response, StatusCode, admin_endpoint, header,
};
use bytes::Bytes;

use super::app::App;
use super::availability;
use super::config::ScriptConfig;
use super::direct_run;
use super::environ::MaskedEnviron;
use super::limits::ScriptLimits;
use super::memory_return::RequestMemory;
use super::outcome::{ScriptAnswer, ScriptOutcome};
use super::record::{RunLog, ScriptRecord};
use super::run::{RunSettings, ScriptResult};
use super::sandbox_info::isolation_status;
use super::script_file::ScriptFile;
use super::session::Session;
use super::source::ScriptSource;
use super::wire::StartMessage;
use super::zygote_pool::use_zygote;

const TEXT_CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// How long a script waits while others run.
const MAX_QUEUE_TIME: Duration = Duration::from_secs(1);

/// Upload and execute a Python script in a restricted sandbox environment.
///
/// The answer is `str(result)`, or `Script executed successfully` if the script sets no `result`.
/// The script sees `app`: `app.state.NAME` is what the program registered, live and read-only
/// unless changes are allowed; `app.endpoints` lists this server's routes. Only modules in
/// `script_allowed_imports` can be imported. What the embedded engine lacks: `yield`, `del` of
/// names, class inheritance, `match`, complex numbers, files, and every module not listed at
/// `GET /run_script/sandbox`, where the engine, the limits and isolation layers are shown too.
/// CPython, if the server is configured so, has the whole language and no files.
#[admin_endpoint(
    method = "POST",
    path = "/run_script",
    effect = "dangerous",
    runtime = "admin",
    produces = "text/plain; charset=utf-8",
    status = "isolation_status",
    resource = "use_zygote"
)]
async fn run_script(
    /// Python script file to execute.
    script: ScriptFile,
    /// Puts what the script printed before the answer.
    #[param(default = "false")]
    output: bool,
    config: Config<ScriptConfig>,
    app: App,
    environ: MaskedEnviron,
    log: RunLog,
) -> Result<Response, AdminError> {
    let memory = RequestMemory::new();
    let ScriptFile(script) = script;
    let record = ScriptRecord::from_source(script.bytes());
    log.audit(&record);
    availability::require()?;
    let permit = permit(app.objects(), &config.limits).await?;
    let began = Clock::system().now();
    let result = match ScriptSource::new(script.bytes(), &config.limits) {
        Ok(source) => run(source, app, environ, &config, permit).await,
        Err(message) => ScriptOutcome::Raised(message.into()).into(),
    };
    log.audit(record.ended(began.elapsed(), result.outcome.label()));
    if !result.printed.is_empty() {
        log.printed(&String::from_utf8_lossy(&result.printed));
    }
    answer(result, output, &config.limits, memory)
}

/// Waits a short time for one of the scripts that run.
async fn permit(
    objects: &ScriptObjects,
    limits: &ScriptLimits,
) -> Result<ScriptPermit, AdminError> {
    let most = limits.max_concurrent_scripts;
    let permit = objects.acquire_permit(most, MAX_QUEUE_TIME).await;
    permit.ok_or_else(|| {
        AdminError::too_many_requests(format!("At most {most} scripts run at once: try again"))
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    })
}

async fn run(
    source: ScriptSource,
    app: App,
    environ: MaskedEnviron,
    config: &ScriptConfig,
    permit: ScriptPermit,
) -> ScriptResult {
    let limits = &config.limits;
    let session = Session::new(Arc::new(app), environ, config.changes, limits.max_lookups);
    let (imports, worker_limits) = (config.imports(), limits.clone());
    let source_bytes = source.len();
    let start = move || StartMessage {
        source: source.text(),
        imports,
        limits: worker_limits,
    };
    let settings = RunSettings::new(config);
    direct_run::run(start, source_bytes, limits, session, settings, permit).await
}

fn answer(
    result: ScriptResult,
    output: bool,
    limits: &ScriptLimits,
    memory: RequestMemory,
) -> Result<Response, AdminError> {
    let printed = if output { result.printed } else { Bytes::new() };
    let (status, prefix, text) = match result.outcome.answer(limits)? {
        ScriptAnswer::Text(text) => (StatusCode::OK, "", text),
        ScriptAnswer::Error(message) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Error executing script: ",
            message,
        ),
    };
    let text = if printed.is_empty() && prefix.is_empty() {
        text
    } else {
        let length = printed.len() + prefix.len() + text.len();
        let mut whole = LargeBuffer::with_capacity(length);
        for part in [&printed, prefix.as_bytes(), &text] {
            whole.extend_from_slice(part);
        }
        whole.into()
    };
    let text = Bytes::from_owner(memory.keep_with(text));
    Ok(Response::bytes(TEXT_CONTENT_TYPE, text).with_status(status))
}
