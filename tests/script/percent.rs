//! `%` formatting, which is a polyfill, against CPython.

use std::process::Command;

use libtest_mimic::Failed;

use crate::server::client::Client;

/// Makes random formats and values from a fixed seed: a list of expressions, and what CPython
/// makes of each (`=` and the text, or `!` and the message).
const CASES: &str = r#"
import json, random
rng = random.Random(20250101)
values = ['0', '1', '-1', '42', '-7', '1234', 'True', '1.5', '-0.0', '1e300', '3.14159',
          '"abc"', '"\u00e9\u4e2d"', '""', 'None', '[1, 2]', '{"k": 1}', '(1,)', '"x"', '65']
def spec():
    flags = ''.join(rng.choice('-+ #0') for _ in range(rng.choice([0, 0, 1, 2])))
    width = rng.choice(['', '', '1', '5', '12', '*'])
    precision = rng.choice(['', '', '.', '.0', '.3', '.10', '.*'])
    return '%' + flags + width + precision + rng.choice(['', '', '', 'l']) + rng.choice('sradiuxXoeEfFgGc%sdfy')
cases = []
while len(cases) < 600:
    parts = [spec() for _ in range(rng.choice([1, 1, 1, 2]))]
    text = rng.choice(['', 'a ']) + rng.choice([' ', '|']).join(parts) + rng.choice(['', '!', '', '%'])
    count = text.count('%') - 2 * text.count('%%') + text.count('*') + rng.choice([0, 0, 0, 0, 1, -1])
    args = [rng.choice(values) for _ in range(max(count, 0))]
    if len(args) == 1 and rng.random() < 0.3:
        source = f'{text!r} % {args[0]}'
    else:
        source = f'{text!r} % ({"".join(a + ", " for a in args)})'
    if rng.random() < 0.1:
        source = repr('%(k)' + rng.choice(['s', 'd', '5.1f', '-4x'])) + ' % {"k": ' + rng.choice(values) + '}'
    try:
        want = '=' + eval(source)
    except Exception as e:
        want = '!' + str(e)
    cases.append([source, want])
print(json.dumps(cases))
"#;

/// The same 600 expressions here and there.
pub(crate) fn is_that_of_cpython() -> Result<(), Failed> {
    let ran = Command::new("python3")
        .args(["-W", "ignore", "-c", CASES])
        .output()?;
    let cases: Vec<(String, String)> = serde_json::from_slice(&ran.stdout)
        .map_err(|_| String::from_utf8_lossy(&ran.stderr).into_owned())?;
    let client = Client::documented();
    let mut wrong = Vec::new();
    for (number, batch) in cases.chunks(100).enumerate() {
        let mut script = String::from("import json\nout = []\n");
        for (source, _) in batch {
            script.push_str(&format!(
                "try:\n  out.append('=' + ({source}))\n\
                 except Exception as e:\n  out.append('!' + str(e))\n"
            ));
        }
        script.push_str("result = json.dumps(out)");
        let reply = client.run(script.as_bytes());
        let answers: Vec<String> = serde_json::from_str(&reply.text)
            .map_err(|_| format!("batch {number}: {}", reply.text))?;
        for ((source, want), got) in batch.iter().zip(answers) {
            if *want != got {
                wrong.push(format!("{source}: CPython {want:?}, here {got:?}"));
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}
