//! The frames that gdb sees, and ours in the same terms.

use std::collections::HashMap;
use std::process::Command;

/// As many frames as a dump has at most.
const MOST: usize = 256;

const SCRIPT: &str = r#"
import gdb
for thread in gdb.selected_inferior().threads():
    thread.switch()
    frame, count = gdb.newest_frame(), 0
    while frame is not None and count < 256:
        # Neither a function that was inlined nor one that left by a jump is on the stack.
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            print("FRAME", thread.ptid[1], hex(frame.pc()))
            count += 1
        try:
            frame = frame.older()
        except gdb.error:
            break
"#;

/// By thread id: the program counter of every frame that is not inlined, innermost first.
pub(crate) fn frames(process: u32) -> HashMap<u64, Vec<u64>> {
    let script = std::env::temp_dir().join(format!("threads-{process}.py"));
    std::fs::write(&script, SCRIPT).expect("the script can be written");
    let output = Command::new("gdb")
        .args(["-nx", "-batch", "-iex", "set debuginfod enabled off"])
        .args([
            "-ex",
            "set backtrace past-main on",
            "-ex",
            "set backtrace past-entry on",
        ])
        .args(["-p", &process.to_string(), "-x"])
        .arg(&script)
        .output()
        .expect("gdb is installed");
    let _ = std::fs::remove_file(&script);
    let text = String::from_utf8_lossy(&output.stdout);
    let mut frames: HashMap<u64, Vec<u64>> = HashMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("FRAME ")) {
        let (tid, pc) = line.split_once(" 0x").expect("what the script prints");
        let frames = frames.entry(tid.parse().expect("a number")).or_default();
        frames.push(u64::from_str_radix(pc, 16).expect("a number"));
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!frames.is_empty(), "gdb saw no threads:\n{text}\n{errors}");
    frames
}

/// The program counters of one thread of our JSON, made from module and offset.
pub(crate) fn addresses(thread: &serde_json::Value) -> Vec<u64> {
    let starts = module_starts();
    let mut addresses = Vec::new();
    // An instruction, after a signal or at the very beginning, is meant itself; otherwise the
    // call before the address is.
    let mut is_instruction = true;
    let frames = thread["frames"].as_array().map_or(&[][..], Vec::as_slice);
    for frame in frames.iter().filter(|frame| frame["inlined"] == false) {
        let module = frame["module"].as_str().expect("every frame is in a file");
        let offset = frame["offset"]
            .as_str()
            .and_then(|hex| hex.strip_prefix("0x"));
        let offset = u64::from_str_radix(offset.expect("hexadecimal"), 16).expect("a number");
        let is_signal = frame["function"] == "<signal handler called>";
        let call = u64::from(!is_instruction && !is_signal);
        addresses.push(starts[module] + offset + call);
        is_instruction = is_signal;
    }
    addresses.truncate(MOST);
    addresses
}

/// Where each file with code begins: the last start of it in the list before its code, since a
/// file may be mapped a second time to be read.
fn module_starts() -> HashMap<String, u64> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    let (mut starts, mut code) = (HashMap::new(), HashMap::new());
    for line in maps.lines() {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [range, permissions, offset, _, _, path] = fields[..] else {
            continue;
        };
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let start = range
            .split('-')
            .next()
            .and_then(|hex| u64::from_str_radix(hex, 16).ok());
        if u64::from_str_radix(offset, 16) == Ok(0) {
            starts.insert(name.clone(), start.expect("an address"));
        }
        if permissions.contains('x') {
            code.entry(name.clone()).or_insert(starts[&name]);
        }
    }
    code
}
