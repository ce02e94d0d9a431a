//! What a user who errs is told, byte for byte, and how much of it.

use std::fs;
use std::path::Path;

#[test]
fn mistakes_are_explained_where_they_are() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/endpoint/*.rs");
    cases.compile_fail("ui/health_check/*.rs");
    cases.compile_fail("ui/link/*.rs");
    cases.compile_fail("ui/periodic/*.rs");
    cases.compile_fail("ui/script_object/*.rs");
}

/// An error of the macro fits in 8 lines, one of a trait in 15.
#[test]
fn explanations_are_short() {
    let mut seen = 0;
    let folders = [
        "endpoint",
        "health_check",
        "link",
        "periodic",
        "script_object",
    ]
    .map(|attribute| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("ui")
            .join(attribute);
        fs::read_dir(folder).expect("the cases are there")
    });
    for entry in folders.into_iter().flatten() {
        let path = entry.expect("a case can be read").path();
        if path
            .extension()
            .is_none_or(|extension| extension != "stderr")
        {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a case can be read");
        for error in text.split("\n\n") {
            let most = match error {
                _ if error.starts_with("error: future cannot be sent") => 15,
                _ if error.starts_with("error: ") => 8,
                _ if error.starts_with("error[E0277]: `?` couldn't convert") => 22,
                _ if error.starts_with("error[E0308]") => 17,
                _ => 15,
            };
            let lines = error.lines().count();
            assert!(lines <= most, "{}: {lines} lines\n{error}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 30, "only {seen} explanations found");
}
