/// Makes room.
#[periodic(
    level = "high",
    interval = "1m30s",
    init_wait = "5s",
    jitter = "250ms",
    timeout = "10m",
    schedule = "fixed_rate",
    failures = 5,
    backoff = "1h",
    name = "evictor of tier 1"
)]
async fn evictor(
    /// The cache.
    State(engine): State<Arc<Engine>>,
    #[cfg(unix)] this: PeriodicThread,
) -> Result<RunSummary, EngineError> {
    engine.evict(this.stop_requested()).await
}
