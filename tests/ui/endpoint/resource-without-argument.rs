use std::fs::File;

use admin_runtime::admin_endpoint;

#[admin_endpoint(path = "/stats", resource = "open")]
async fn stats() -> String {
    String::new()
}

fn open() -> std::io::Result<File> {
    File::open("/proc/stat")
}

fn main() {}
