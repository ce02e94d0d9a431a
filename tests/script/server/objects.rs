//! The same objects as in `data/script/original.py`, for scripts of this server.

use std::sync::Arc;

use admin_runtime::script::{ScriptValue, Serialized, script_object};
use serde::Serialize;

/// `app.state.lmcache_adapter`
#[derive(Default)]
pub(crate) struct LmcacheAdapter(Arc<Engine>);

#[derive(Default)]
pub(crate) struct Engine(Arc<Metadata>);

#[derive(Default)]
pub(crate) struct Metadata;

#[derive(Serialize)]
pub(crate) struct Config {
    chunk_size: u32,
    local_cpu: bool,
    max_local_cpu_size: f64,
    remote_url: Option<String>,
    extra_config: serde_json::Value,
}

#[script_object]
impl LmcacheAdapter {
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

    #[attribute]
    fn config(&self) -> Serialized<Config> {
        Serialized(Config {
            chunk_size: 64,
            local_cpu: true,
            max_local_cpu_size: 5.0,
            remote_url: None,
            extra_config: serde_json::json!({
                "save_only_first_rank": true, "weights": [0.5, 1.5]
            }),
        })
    }

    /// Counters.
    fn stats(&self) -> Serialized<serde_json::Value> {
        Serialized(serde_json::json!({
            "hits": 30,
            "misses": 10,
            "tiers": [
                {"name": "gpu", "used": 512, "capacity": 1024},
                {"name": "cpu", "used": 100, "capacity": 4096},
                {"name": "disk", "used": 0, "capacity": 65536},
            ],
        }))
    }

    fn lookup(&self, tokens: Vec<u32>) -> usize {
        tokens.len() / 2
    }

    /// Drops everything.
    #[changes]
    fn clear(&self) -> u64 {
        7
    }

    fn fail(&self, text: String) -> Result<u32, std::num::ParseIntError> {
        text.parse()
    }

    fn panic(&self) {
        panic!("a method of the test panics");
    }

    /// A list of so many parts.
    fn wide(&self, parts: usize) -> Vec<u64> {
        vec![7; parts]
    }

    /// A text of so many bytes.
    fn long(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }

    fn echo(&self, value: ScriptValue) -> ScriptValue {
        value
    }

    fn hang(&self) {
        loop {
            std::thread::park();
        }
    }
}

#[script_object]
impl Metadata {
    #[attribute]
    fn model_name(&self) -> &'static str {
        "meta-llama/Llama-3.1-8B"
    }

    #[attribute]
    fn world_size(&self) -> u32 {
        2
    }

    #[attribute]
    fn worker_id(&self) -> u32 {
        0
    }

    #[attribute]
    fn kv_dtype(&self) -> String {
        "bfloat16".to_owned()
    }

    #[attribute]
    fn kv_shape(&self) -> (u32, u32, u32, u32, u32) {
        (27, 1, 64, 1, 576)
    }

    #[attribute]
    fn use_mla(&self) -> bool {
        false
    }

    /// Whether this is the first rank.
    fn is_first_rank(&self) -> bool {
        true
    }
}
