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
        if frame.type() != gdb.INLINE_FRAME:
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

fn module_starts() -> HashMap<String, u64> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    let mut starts = HashMap::new();
    for line in maps.lines() {
        let Some((range, rest)) = line.split_once('-') else {
            continue;
        };
        let Some(path) = rest.split_ascii_whitespace().nth(5) else {
            continue;
        };
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        starts
            .entry(name)
            .or_insert(u64::from_str_radix(range, 16).expect("an address"));
    }
    starts
}
