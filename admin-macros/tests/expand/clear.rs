/// Drop cached blocks.
#[admin_endpoint(method = "POST", path = "/cache/{tier}/clear", timeout = "5s", deny_unknown = true, sensitive = true, status = "tiers::status", resource = "tiers::watch")]
async fn clear(
    tier: String,
    /// Only this tenant's blocks.
    tenant: Option<String>,
    State(engine): State<Arc<Engine>>,
) -> Result<Json<Cleared>, AdminError> {
    engine.clear(&tier, tenant.as_deref()).await
}
