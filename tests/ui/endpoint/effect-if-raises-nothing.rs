use admin_runtime::admin_endpoint;

#[admin_endpoint(
    method = "POST",
    path = "/level",
    effect_if(query = "level", effect = "write")
)]
fn level(level: Option<String>) -> String {
    level.unwrap_or_default()
}

fn main() {}
