#[cfg(feature = "threads")]
#[admin_endpoint(path = "/loglevel", effect_if(query = "level", effect = "write"), errors = "json")]
pub(crate) fn r#loop(
    #[param(name = "logger-name", default = "root")] logger: String,
    level: Option<String>,
    #[cfg(unix)] caller: Caller,
) -> String {
    format!("{logger} {level:?} {caller}")
}
