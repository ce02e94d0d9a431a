use admin_runtime::{Config, admin_endpoint};

struct Greeting;

#[admin_endpoint(path = "/greet")]
fn greet(greeting: Config<Greeting>) -> String {
    let _ = greeting;
    String::new()
}

fn main() {}
