#[allow(dead_code)]
fn env(text: &str) -> String {
    text.to_owned()
}
::core::compile_error! {
    "`PSOT` is not a valid endpoint method: did you mean `POST`?"
}
::core::compile_error! {
    "a path must start with `/`: write `/env`"
}
::core::compile_error! {
    "`10` has no unit: write `10s` or `10ms`"
}
::core::compile_error! {
    "an endpoint owns its arguments: write `String`"
}
