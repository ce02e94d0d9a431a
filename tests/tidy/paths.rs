//! The macro and the runtime must say the same of every path; the macro's own test reads the same
//! table.

use admin_runtime::describe::PathPattern;

#[test]
fn the_runtime_says_what_the_table_says() {
    let table = include_str!("../paths.txt");
    let mut seen = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (path, expected) = line
            .split_once('\t')
            .expect("a path, a tab, what is said of it");
        let said = match PathPattern::parse(path) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{}..{}\t{error}", error.span().start, error.span().end),
        };
        assert_eq!(said, expected, "{path}");
        seen += 1;
    }
    assert!(seen >= 30, "only {seen} paths found");
    let empty = PathPattern::parse("").expect_err("an empty path is none");
    assert_eq!(
        (empty.span(), empty.to_string()),
        (0..0, "a path must start with `/`".to_owned())
    );
}
