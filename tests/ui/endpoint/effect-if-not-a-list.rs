use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/level", effect_if = "level")]
fn level(level: Option<String>) -> String {
    level.unwrap_or_default()
}

fn main() {}
