//! The files of the page, from bottom to top: a module imports only from those before it.

/// A file of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct WebModule {
    /// As imports name it, from the folder `web`.
    pub(super) path: &'static str,
    pub(super) text: &'static str,
}

macro_rules! modules {
    ($($path:literal),* $(,)?) => {
        &[$(WebModule { path: $path, text: include_str!(concat!("web/", $path)) }),*]
    };
}

pub(super) const MODULES: &[WebModule] = modules![
    "vendor/preact_htm.js",
    "store.js",
    "format.js",
    "api.js",
    "polling.js",
    "parse_metrics.js",
    "parse_stacks.js",
    "parse_exactly.js",
    "controls.js",
    "virtual_list.js",
    "sparkline.js",
    "flame_graph.js",
    "header.js",
    "panels/fleet.js",
    "panels/periodic.js",
    "panels/loggers.js",
    "panels/log.js",
    "panels/threads.js",
    "panels/profile.js",
    "panels/metrics.js",
    "panels/scripts.js",
    "panels/endpoint_form.js",
    "panels/endpoints.js",
    "panels/audit.js",
    "keyboard.js",
    "app.js",
];

pub(super) const STYLE: &str = include_str!("web/style.css");

/// The document, with a place for the style and one for the script.
pub(super) const TEMPLATE: &str = include_str!("web/page.html");
