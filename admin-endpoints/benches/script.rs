//! `POST /run_script` over HTTP on a live server, beside the start of a Python process.
//!
//! `cargo bench -p admin-endpoints --bench script`. Scripts of either engine and Python take turns,
//! so that noise affects all. A sum follows a Python process, as a person's script follows a pause:
//! its process was forked meanwhile. `back_to_back` is a sum right after another one. Then 10,000
//! scripts run, or as many as `ADMIN_SCRIPT_SOAK` says, and what they left behind is counted. `cold`
//! is a script that finds no process to be forked from, as the first one does. With CPython the
//! memory is that of the process that scripts are forked from, with the modules of the documentation
//! imported.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures and prints"
)]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use admin_endpoints::script::{self, ScriptConfig};
use admin_runtime::script::script_object;
use admin_runtime::{AdminServer, RunningServer};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Adapter(Arc<Engine>);
struct Engine(Arc<Metadata>);
struct Metadata;

#[script_object]
impl Adapter {
    #[attribute]
    fn lmcache_engine(&self) -> Arc<Engine> {
        Arc::clone(&self.0)
    }
}

#[script_object]
impl Engine {
    #[attribute]
    fn metadata(&self) -> Arc<Metadata> {
        Arc::clone(&self.0)
    }
}

#[script_object]
impl Metadata {
    #[attribute]
    fn kv_shape(&self) -> (u32, u32, u32, u32, u32) {
        (27, 1, 64, 1, 576)
    }

    fn is_first_rank(&self) -> bool {
        true
    }
}

const ONE_PLUS_ONE: (&str, &str) = ("result = 1 + 1\n", "2");
const EXAMPLE: (&str, &str) = (
    "lmcache_engine = app.state.lmcache_adapter.lmcache_engine\n\nresult = {\n    \
     \"is_first_rank\": lmcache_engine.metadata.is_first_rank(),\n    \
     \"model_version\": lmcache_engine.metadata.kv_shape,\n}\n",
    "{'is_first_rank': True, 'model_version': (27, 1, 64, 1, 576)}",
);

/// One connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn run(&mut self, (source, expected): (&str, &str)) -> Result<Duration> {
        let body = format!(
            "--B\r\nContent-Disposition: form-data; name=\"script\"; filename=\"s.py\"\r\n\r\n\
             {source}\r\n--B--\r\n"
        );
        let began = Instant::now();
        write!(
            self.0.get_mut(),
            "POST /run_script HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary=B\r\n\r\n{body}",
            body.len()
        )?;
        let text = self.answer()?;
        let took = began.elapsed();
        if text == expected {
            Ok(took)
        } else {
            Err(text.into())
        }
    }

    fn answer(&mut self) -> Result<String> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line == "\r\n" || line.is_empty() {
                break;
            }
        }
        let mut text = vec![0; length];
        self.0.read_exact(&mut text)?;
        Ok(String::from_utf8(text)?)
    }
}

/// The interpreter itself: `python3` may be a script that looks for one, which takes far longer.
fn interpreter() -> Option<String> {
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let path = String::from_utf8(asked.ok()?.stdout).ok()?;
    Some(path.trim().to_owned())
}

/// `python3 -c` of the same sum: what a process with a Python costs without a server.
fn python(interpreter: &str) -> Option<Duration> {
    let began = Instant::now();
    let ran = Command::new(interpreter)
        .args(["-I", "-S", "-c", "print(1 + 1)"])
        .stdout(Stdio::null())
        .status();
    ran.ok()?.success().then(|| began.elapsed())
}

fn milliseconds(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(f64::NAN, |median| median.as_secs_f64() * 1000.0)
}

/// Resident memory of a process in MB.
fn resident(process: &str) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kilobytes.unwrap_or(f64::NAN) / 1024.0)
}

fn open_files() -> io::Result<usize> {
    Ok(fs::read_dir("/proc/self/fd")?.count())
}

/// Children of this process that are still there, dead or alive, by their numbers.
fn children() -> io::Result<Vec<String>> {
    let own = format!(" {} ", std::process::id());
    let processes = fs::read_dir("/proc")?.filter_map(|entry| {
        let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let (before_state, after_name) = stat.rsplit_once(')')?;
        let (number, _) = before_state.split_once(' ')?;
        let is_child = after_name.get(2..)?.starts_with(&own);
        is_child.then(|| number.to_owned())
    });
    Ok(processes.collect())
}

/// Waits until no child is there, the process that they are forked from included; returns how many
/// stay.
fn wait_for_children() -> Result<usize> {
    let began = Instant::now();
    loop {
        let left = children()?.len();
        if left == 0 || began.elapsed() > Duration::from_secs(5) {
            return Ok(left);
        }
        std::thread::yield_now();
    }
}

/// A server of its own, and one connection to it.
fn serve(config: ScriptConfig) -> Result<(RunningServer, Client)> {
    let adapter = Adapter(Arc::new(Engine(Arc::new(Metadata))));
    let server = AdminServer::builder()
        .config(config)
        .script_object("lmcache_adapter", adapter)
        .bind("127.0.0.1:0")
        .start()?;
    let stream = TcpStream::connect(server.local_addr())?;
    stream.set_nodelay(true)?;
    Ok((server, Client(BufReader::new(stream))))
}

/// What the scripts of one engine took, and the Python processes between them.
#[derive(Default)]
struct Times {
    sums: Vec<Duration>,
    back_to_back: Vec<Duration>,
    examples: Vec<Duration>,
    pythons: Vec<Duration>,
}

impl Times {
    fn measure(client: &mut Client, interpreter: &str, rounds: usize) -> Result<Self> {
        let mut times = Self::default();
        for _ in 0..rounds {
            times.pythons.extend(python(interpreter));
            times.sums.push(client.run(ONE_PLUS_ONE)?);
            times.back_to_back.push(client.run(ONE_PLUS_ONE)?);
            times.examples.push(client.run(EXAMPLE)?);
        }
        Ok(times)
    }
}

/// The times of both scripts with CPython, and the memory of its zygote.
fn run_cpython(interpreter: &str, rounds: usize) -> Result<(Times, f64)> {
    const MODULES: [&str; 7] = [
        "json",
        "math",
        "datetime",
        "re",
        "collections",
        "itertools",
        "functools",
    ];
    let config = ScriptConfig::default().engine(script::Engine::cpython(interpreter));
    let (_server, mut client) = serve(config.allow_imports(MODULES))?;
    client.run(ONE_PLUS_ONE)?; // starts the zygote
    let times = Times::measure(&mut client, interpreter, rounds)?;
    let zygote = children()?.pop().ok_or("the zygote stays")?;
    Ok((times, resident(&zygote)?))
}

fn main() -> Result<()> {
    script::init();
    admin_runtime::link!(admin_endpoints);
    // Run as a test it only has to work.
    let thorough = std::env::args().any(|argument| argument == "--bench");
    let (rounds, soak) = if thorough { (300, 10_000) } else { (5, 20) };
    let wanted = std::env::var("ADMIN_SCRIPT_SOAK").ok();
    let soak = wanted.map_or(Ok(soak), |number| number.parse())?;

    let (server, mut client) = serve(ScriptConfig::default())?;
    let interpreter = interpreter().ok_or("python3 is not installed")?;
    let embedded = Times::measure(&mut client, &interpreter, rounds)?;

    let (memory, files) = (resident("self")?, open_files()?);
    for _ in 0..soak {
        client.run(EXAMPLE)?;
    }
    let (grown, leaked) = (
        resident("self")? - memory,
        open_files()?.saturating_sub(files),
    );

    let (cold_server, mut cold_client) = serve(ScriptConfig::default().keep_warm(Duration::ZERO))?;
    let mut colds = Vec::new();
    for _ in 0..rounds {
        colds.push(cold_client.run(ONE_PLUS_ONE)?);
        if wait_for_children()? > 0 {
            return Err("children stay".into());
        }
    }

    drop((server, cold_server)); // the last server of the process ends what scripts are forked from
    let (cpython, zygote) = run_cpython(&interpreter, rounds)?;

    let sum = milliseconds(embedded.sums);
    let python = milliseconds(embedded.pythons);
    println!("scripts: {}", rounds * 3 + soak);
    println!("memory_growth_mb: {grown:.2}");
    println!("leaked_files: {leaked}");
    println!("children_left: {}", wait_for_children()?);
    println!("cold_one_plus_one_ms: {:.3}", milliseconds(colds));
    println!("python3_process_ms: {python:.3}");
    println!("one_plus_one_over_python3_process: {:.3}", sum / python);
    println!("cpython_zygote_mb: {zygote:.1}");
    println!(
        "back_to_back_ms: {:.3}",
        milliseconds(embedded.back_to_back)
    );
    println!(
        "cpython_back_to_back_ms: {:.3}",
        milliseconds(cpython.back_to_back)
    );
    println!(
        "cpython_documented_example_ms: {:.3}",
        milliseconds(cpython.examples)
    );
    println!(
        "documented_example_ms: {:.3}",
        milliseconds(embedded.examples)
    );
    println!("cpython_one_plus_one_ms: {:.3}", milliseconds(cpython.sums));
    println!("one_plus_one_ms: {sum:.3}");
    Ok(())
}
