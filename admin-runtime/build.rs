//! Tells the crate which compiler, target and profile it is built with, for `GET /build`.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    println!("cargo:rustc-env=ADMIN_BUILD_RUSTC={}", rustc_version());
    println!("cargo:rustc-env=ADMIN_BUILD_TARGET={}", variable("TARGET"));
    println!(
        "cargo:rustc-env=ADMIN_BUILD_PROFILE={}",
        variable("PROFILE")
    );
}

/// `rustc 1.95.0 (hash date)`; empty if the compiler does not say it.
fn rustc_version() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().trim().to_owned()
}
