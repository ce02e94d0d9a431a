//! The JSON that rustdoc writes, as far as the rule reads it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value;

/// The version of the format that this file was written for.
const FORMAT: u64 = 57;

/// What rustdoc says of one crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Crate {
    pub(crate) root: u32,
    /// The items of this crate by id.
    pub(crate) index: HashMap<u32, Item>,
    /// Where each item that is mentioned is defined, in this crate or in another.
    pub(crate) paths: HashMap<u32, Defined>,
}

/// One item.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: Option<String>,
    pub(crate) docs: Option<String>,
    pub(crate) span: Option<Span>,
    pub(crate) visibility: Value,
    #[serde(default)]
    pub(crate) attrs: Vec<Value>,
    #[serde(default)]
    pub(crate) deprecation: Option<Value>,
    /// One entry: the kind, and what only items of that kind have.
    inner: HashMap<String, Value>,
}

/// Where an item is written.
#[derive(Debug, Deserialize)]
pub(crate) struct Span {
    pub(crate) filename: String,
    /// Line and column.
    pub(crate) begin: (usize, usize),
}

/// Where an item is defined.
#[derive(Debug, Deserialize)]
pub(crate) struct Defined {
    pub(crate) path: Vec<String>,
}

impl Crate {
    /// Documents crates of this workspace, with all their features.
    ///
    /// What they depend on is shared with every other build. The JSON has a folder of its own, since
    /// rustdoc empties the one that it writes to.
    pub(crate) fn of_workspace(crates: &[&str]) -> Vec<Self> {
        let build = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("the target folder");
        let target = build.join("doc-examples");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args("doc --lib --no-deps --all-features --locked".split(' '))
            .args(crates.iter().flat_map(|name| ["--package", *name]))
            .arg("--target-dir")
            .arg(&target)
            .env("CARGO_BUILD_BUILD_DIR", build)
            .env("RUSTDOC", rustdoc())
            .env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json")
            .env_remove("CARGO_ENCODED_RUSTDOCFLAGS");
        run(&mut cargo);
        let read = |name: &&str| {
            let file = format!("doc/{}.json", name.replace('-', "_"));
            Self::read(&target.join(file))
        };
        crates.iter().map(read).collect()
    }

    /// Documents one file of this folder, a crate without dependencies.
    pub(crate) fn of_file(file: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doc-examples");
        let mut command = Command::new(rustdoc());
        command
            .args([file, "--edition=2024", "--out-dir"])
            .arg(&folder)
            .args(["-Zunstable-options", "--output-format=json"]);
        run(&mut command);
        let name = Path::new(file).with_extension("json");
        Self::read(&folder.join(name.file_name().expect("a file")))
    }

    fn read(path: &Path) -> Self {
        let text = fs::read(path).expect("rustdoc wrote it");
        let json: Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(
            json["format_version"],
            FORMAT,
            "this toolchain's rustdoc writes another version of its JSON: see what has changed in \
             https://docs.rs/rustdoc-types, then adapt {} and the number in it",
            file!()
        );
        serde_json::from_value(json).expect("the format of this version")
    }
}

impl Item {
    /// The kind, such as `struct`, and what only items of that kind have.
    pub(crate) fn inner(&self) -> (&str, &Value) {
        let (kind, inner) = self.inner.iter().next().expect("a kind");
        (kind, inner)
    }

    pub(crate) fn is_public(&self) -> bool {
        self.visibility == "public"
    }
}

/// The ids in a list of an item's inner part.
pub(crate) fn ids(list: &Value) -> Vec<u32> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(id).collect()
}

/// An id in an item's inner part.
pub(crate) fn id(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok()
}

/// The script that lets rustdoc, and nothing that cargo would rebuild, use what is unstable.
fn rustdoc() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("doc_examples/rustdoc.sh")
}

fn run(command: &mut Command) {
    let output = command.output().expect("the toolchain has it");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}
