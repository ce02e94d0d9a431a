//! A workspace of generated crates, and the cost of compiling one of them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use admin_tests::median;

use crate::flavour::Flavour;

/// The generated crates, with a target folder of their own.
pub(crate) struct Workspace {
    folder: PathBuf,
    crates: Vec<(Flavour, usize)>,
}

/// CPU seconds of each crate and round.
pub(crate) struct Times(HashMap<(&'static str, usize), Vec<f64>>);

impl Times {
    pub(crate) fn median(&self, flavour: Flavour, count: usize) -> f64 {
        median(self.0[&(flavour.name(), count)].clone())
    }
}

impl Workspace {
    pub(crate) fn generate(counts: &[usize]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the workspace");
        let folder = root.join("target/compile-cost");
        let crates = Flavour::ALL
            .into_iter()
            .flat_map(|flavour| flavour.counts(counts).map(move |count| (flavour, count)));
        let workspace = Self {
            folder,
            crates: crates.collect(),
        };
        let root = root.to_str().expect("a path of UTF-8");
        let names: Vec<_> = workspace.crates.iter().map(|one| name(*one)).collect();
        workspace.write(
            "Cargo.toml",
            &format!(
                "[workspace]\nresolver = \"3\"\nmembers = {names:?}\n\n[profile.release]\nstrip = true\n"
            ),
        );
        for (flavour, count) in &workspace.crates {
            let name = name((*flavour, *count));
            let manifest = format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                 serde = {{ version = \"1\", features = [\"derive\"] }}\n{}\n",
                flavour.dependencies(root),
            );
            workspace.write(&format!("{name}/Cargo.toml"), &manifest);
            workspace.write(&format!("{name}/src/main.rs"), &flavour.program(*count));
        }
        // The versions that the project is tested with.
        let lock = workspace.folder.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(format!("{root}/Cargo.lock"), lock).expect("a lock file");
        }
        workspace
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// Compiles every crate in turn, some times.
    pub(crate) fn times(&self, command: &str, rounds: usize) -> Times {
        for one in &self.crates {
            self.cargo(&[command, "-p", &name(*one)]);
        }
        let mut times = Times(HashMap::new());
        for _ in 0..rounds {
            for one in &self.crates {
                let (flavour, count) = *one;
                let source = format!("{}/src/main.rs", name(*one));
                self.write(&source, &flavour.program(count));
                let before = children_cpu();
                self.cargo(&[command, "-p", &name(*one)]);
                let time = children_cpu() - before;
                times
                    .0
                    .entry((flavour.name(), count))
                    .or_default()
                    .push(time);
            }
        }
        times
    }

    /// Bytes of the stripped release binary.
    pub(crate) fn release(&self, flavour: Flavour, count: usize) -> u64 {
        let name = name((flavour, count));
        self.cargo(&["build", "--release", "-p", &name]);
        let binary = self.folder.join("target/release").join(name);
        fs::metadata(binary).expect("it is built").len()
    }

    fn cargo(&self, arguments: &[&str]) {
        let status = Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--quiet")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .status()
            .expect("cargo runs");
        assert!(status.success(), "cargo {arguments:?}");
    }
}

fn name((flavour, count): (Flavour, usize)) -> String {
    format!("{}{count}", flavour.name())
}

/// Seconds of CPU that ended child processes used, of this process's and theirs, from
/// `/proc/self/stat` (proc_pid_stat(5): cutime and cstime, in ticks of 10 ms).
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, after_name) = stat.rsplit_once(')').expect("a name in parentheses");
    let fields = after_name.split_whitespace().skip(13).take(2);
    let ticks = fields.map(|field| field.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() / 100.0
}
