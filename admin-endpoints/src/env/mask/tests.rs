//! All rules together: lists of variables of real platforms, and laws.

use std::time::Duration;

use proptest::prelude::*;

use super::mask;

/// Variables of real platforms with invented values.
const LISTS: [(&str, &str); 6] = [
    (
        "variables",
        include_str!("../../../../tests/data/env/variables.tsv"),
    ),
    (
        "platforms",
        include_str!("../../../../tests/data/env/platforms.tsv"),
    ),
    (
        "services",
        include_str!("../../../../tests/data/env/services.tsv"),
    ),
    (
        "images",
        include_str!("../../../../tests/data/env/images.tsv"),
    ),
    ("apps", include_str!("../../../../tests/data/env/apps.tsv")),
    (
        "tools",
        include_str!("../../../../tests/data/env/tools.tsv"),
    ),
];

/// A line of a list: a name, a value and the part that must be hidden, if there is one.
struct Case {
    name: &'static str,
    value: String,
    secret: Option<&'static str>,
}

impl Case {
    fn read_all(list: &'static str) -> impl Iterator<Item = Self> {
        list.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let mut columns = line.split('\t');
                let mut column = || columns.next().expect("three columns");
                let (name, value, secret) = (column(), column(), column());
                Self {
                    name,
                    value: value
                        .replace("\\\\", "\u{0}")
                        .replace("\\n", "\n")
                        .replace('\u{0}', "\\"),
                    secret: (secret != "-").then_some(secret),
                }
            })
    }

    fn is_right(&self) -> bool {
        let shown = mask(self.name, &self.value);
        match self.secret {
            Some(secret) => !shown.contains(secret),
            None => shown == self.value,
        }
    }
}

/// The cases of a kind that are wrong, each on a line of its own, and how many there are in all.
fn wrong(list: &'static str, secret: bool) -> (Vec<String>, usize) {
    let cases: Vec<_> = Case::read_all(list)
        .filter(|case| case.secret.is_some() == secret)
        .collect();
    let wrong = cases.iter().filter(|case| !case.is_right());
    let lines = wrong.map(|case| {
        format!(
            "{} = {} -> {}",
            case.name,
            case.value,
            mask(case.name, &case.value)
        )
    });
    (lines.collect(), cases.len())
}

#[test]
fn secrets_of_real_platforms_are_hidden() {
    for (name, list) in LISTS {
        let (wrong, all) = wrong(list, true);
        assert!(
            wrong.len() * 100 <= all * 3,
            "{name}: {} of {all}\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[test]
fn harmless_values_of_real_platforms_are_shown_whole() {
    for (name, list) in LISTS {
        let (wrong, all) = wrong(list, false);
        assert!(
            wrong.len() * 100 <= all * 5,
            "{name}: {} of {all}\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[test]
fn the_rest_of_a_value_is_shown() {
    for (name, value, shown) in [
        (
            "X",
            "Server=h;User Id=u;Pwd=a b;Encrypt=True",
            "Server=h;User Id=u;Pwd=******;Encrypt=True",
        ),
        (
            "X",
            "h:6380,password=ab=,ssl=True",
            "h:6380,password=******,ssl=True",
        ),
        (
            "X",
            "{\"db\":{\"password\":\"a\",\"user\":\"x\"}}",
            "{\"db\":{\"password\":\"******\",\"user\":\"x\"}}",
        ),
        (
            "X",
            "https://h/v1?access_token=a&x=1",
            "https://h/v1?access_token=******&x=1",
        ),
        (
            "X",
            "-Xmx1g -Ddb.password=a -Dx=y",
            "-Xmx1g -Ddb.password=****** -Dx=y",
        ),
        (
            "X",
            "Authorization: Bearer aB1",
            "Authorization: Bearer ******",
        ),
        (
            "X",
            "a:\n  password: a b\n  user: x",
            "a:\n  password: ******\n  user: x",
        ),
        (
            "X",
            "host=h password='a b' user=x",
            "host=h password='******' user=x",
        ),
        (
            "X",
            "postgres://u:p@h:5432/db?sslmode=require",
            "postgres://u:******@h:5432/db?sslmode=require",
        ),
        (
            "X_HEADERS",
            "authorization=Basic YTpiYw==,x-scope=1",
            "authorization=Basic ******,x-scope=1",
        ),
        ("X", "PWD%3Da%20b%3BUID%3Du", "PWD%3D******%3BUID%3Du"),
        (
            "X",
            "{\"credentials\":{\"host\":\"h\",\"hash\":\"a1\"}}",
            "{\"credentials\":{\"host\":\"h\",\"hash\":\"******\"}}",
        ),
        (
            "X",
            "{\"pass\\u0077ord\":\"a\"}",
            "{\"pass\\u0077ord\":\"******\"}",
        ),
        ("API_TОKEN", "abc", "******"),
        (
            "X_HEADERS",
            "x-team=a1,x-dataset=app",
            "x-team=******,x-dataset=app",
        ),
        ("X_AUTH", "u:p", "u:******"),
    ] {
        assert_eq!(mask(name, value), shown);
    }
}

/// What the rules look for.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "password", "password=", "password:/a:", "token", "token ", "key", "key=", "key: |\n ", "name", "name=key", "value",
    "=", ":", "://", "//", "@", "a:b@", "é@", "/", "?", "&", ";", ",", " ", "\n", "\\n", "\"", "'", "\\",
    "{", "}", "[", "]", "<a>", "<password>", "-", "--", "-p", "-p ", "--token '", "mysql", "redis-cli -a ",
    "Bearer ", "a", "aB3", "a_A1", "%20", "ü", "\u{202e}", "******", "ghp_A1b2C3", "AKIA", "eyJ", "eyJ.", "LS0tLS1CRUdJTi",
    "%3D", "%253A", "\\u0070assword", "рassword", "$2b$", "credentials: {", "secrets:\n", "- ", "sqlplus ", "sudo -S", "| ",
    "requirepass ", "h:5432:d:", "=>", "('password', '", "{password,\"", "\"kty\"", "\"d\"", "pat", "00",
    "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN ", "-----END ", "hooks.slack.com/services/", "/hooks/",
];

fn structured(pieces: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), pieces).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z_]{0,12}",
        Just("X_AUTH".into()),
        Just("X_HEADERS".into()),
        Just("A_WEBHOOK".into()),
        Just("X_KEY".into())
    ]
}

#[test]
fn values_that_need_many_passes_are_masked_again() {
    let once = mask("", ":password:/a:\"kty\"key=").into_owned();
    assert_eq!(mask("", &once), once);
}

proptest! {
    #[test]
    fn masking_again_changes_nothing(name in name(), value in structured(0..24)) {
        let once = mask(&name, &value).into_owned();
        prop_assert_eq!(mask(&name, &once), once.as_str());
    }

    #[test]
    fn masking_keeps_parts_of_any_text(name in ".{0,20}", value in ".{0,60}") {
        let shown = mask(&name, &value);
        let kept = shown.split("******").all(|part| value.contains(part));
        prop_assert!(kept, "{}", shown);
    }

    #[test]
    fn fields_named_password_never_show_theirs(
        before in "[a-z]{1,8}",
        secret in "[A-Z][A-Z0-9]{7,15}",
        form in prop::sample::select(vec![
            "{0}=x;Password={1};c=d", "{0}=x&password={1}&c=d", "{\"{0}\":{\"password\":\"{1}\"}}",
            "--{0} --password={1}", "--{0} --password {1}", "-D{0}.password={1} -Dx=y",
            "{0}:\n  password: {1}\n", "{0}=x\nDB_PASSWORD={1}\nc=d", "{0}://u:{1}@h/d", "x-{0}: y, password: {1}",
        ]),
    ) {
        let value = form.replace("{0}", &before).replace("{1}", &secret);
        prop_assert!(!mask("X", &value).contains(&secret), "{}", value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Ten times as much text may take forty times the CPU time; with a rule that looks at the rest
    /// of the text again and again it takes a hundred times as much.
    #[test]
    fn no_text_takes_more_than_linear_time(head in structured(0..3), repeated in structured(1..4)) {
        let cpu_time = |bytes: usize| {
            let text = head.clone() + &repeated.repeat(bytes / repeated.len()) + "x";
            let start = thread_cpu_time();
            std::hint::black_box(mask("X_HEADERS", &text));
            thread_cpu_time() - start
        };
        let is_linear = || cpu_time(10_000) <= cpu_time(1_000) * 40 + Duration::from_millis(1);
        // A cold cache may delay one try, not all of them.
        prop_assert!((0..3).any(|_| is_linear()));
    }
}

fn thread_cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("CPU time is never negative")
}
