#[admin_endpoint(method = "PSOT", path = "env", timeout = "10")]
fn env(
    /// Stripped, though nothing is registered.
    #[param(default = "a")]
    text: &str,
) -> String {
    text.to_owned()
}
