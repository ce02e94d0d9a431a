/// The database answers.
#[health_check(interval = "30s", timeout = "250ms")]
async fn database(pool: State<Pool>) -> Result<(), Error> {
    pool.ping().await
}

#[health_check(kind = "live", name = "event-loop", crate = "framework::admin_runtime")]
fn event_loop() {}
