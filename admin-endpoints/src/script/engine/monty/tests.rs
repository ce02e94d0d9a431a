use super::*;
use crate::script::engine::NoObjects;

fn run(source: &str) -> ScriptEnd {
    let start = StartMessage {
        source: source.to_owned(),
        imports: vec!["re".to_owned(), "os".to_owned()],
        limits: ScriptLimits::default(),
    };
    Monty.run(&start, &mut NoObjects).unwrap().end
}

#[test]
fn gaps_are_filled_whatever_variables_are_named() {
    let source = "str = len = int = isinstance = 5\nd = {1: 2, 3: 4}\ndel d[1]\n\
                  result = '%s %d' % (d, 7)";
    assert_eq!(run(source), ScriptEnd::Finished(Some("{3: 4} 7".into())));
}

#[test]
fn attributes_are_set_on_own_objects_only() {
    let own = "class P:\n  pass\np = P()\np.x = 1\np.x += 2\nresult = p.x";
    assert_eq!(run(own), ScriptEnd::Finished(Some("3".into())));
    for source in ["app.state = 1", "a = app\na.state = 1", "app.x += 1"] {
        let ScriptEnd::Raised(message) = run(source) else {
            panic!("{source}")
        };
        assert!(message.starts_with("'App' object"), "{source}: {message}");
    }
}

#[test]
fn files_do_not_exist() {
    let ScriptEnd::Raised(message) = run("open('/etc/passwd')") else {
        panic!()
    };
    assert_eq!(message, "Permission denied: '/etc/passwd'");
}

#[test]
fn error_text_counts_as_result() {
    let end = run("raise ValueError('x' * 2_000_000)");
    assert_eq!(end, ScriptEnd::LimitExceeded(ExceededLimit::Result));
}
