//! The same objects as in `data/script/original.py`, for scripts of this server.

use std::sync::Arc;

use admin_runtime::script::{
    IntoScriptValue, MemberKind, ScriptArgs, ScriptError, ScriptMember, ScriptObject, ScriptValue,
    Serialized,
};
use serde::Serialize;

type Answer = Option<Result<ScriptValue, ScriptError>>;

/// `app.state.lmcache_adapter`
#[derive(Default)]
pub(crate) struct LmcacheAdapter(Arc<Engine>);

#[derive(Default)]
struct Engine(Arc<Metadata>);

#[derive(Default)]
struct Metadata;

#[derive(Serialize)]
struct Config {
    chunk_size: u32,
    local_cpu: bool,
    max_local_cpu_size: f64,
    remote_url: Option<String>,
    extra_config: Extra,
}

type Extra = serde_json::Value;

impl ScriptObject for LmcacheAdapter {
    fn class_name(&self) -> &str {
        "LmcacheAdapter"
    }
    fn attribute(&self, name: &str) -> Answer {
        (name == "lmcache_engine").then(|| self.0.clone().into_script_value())
    }
}

impl ScriptObject for Engine {
    fn class_name(&self) -> &str {
        "Engine"
    }
    fn members(&self) -> &[ScriptMember] {
        &[
            ScriptMember {
                name: "clear",
                kind: MemberKind::Method,
                signature: "()",
                changes: true,
                summary: "Drops everything.",
            },
            ScriptMember {
                name: "stats",
                kind: MemberKind::Method,
                signature: "()",
                changes: false,
                summary: "Counters.",
            },
        ]
    }
    fn attribute(&self, name: &str) -> Answer {
        Some(match name {
            "metadata" => self.0.clone().into_script_value(),
            "config" => Serialized(Config {
                chunk_size: 64,
                local_cpu: true,
                max_local_cpu_size: 5.0,
                remote_url: None,
                extra_config: serde_json::json!({
                    "save_only_first_rank": true, "weights": [0.5, 1.5]
                }),
            })
            .into_script_value(),
            _ => return None,
        })
    }
    fn call(&self, name: &str, args: ScriptArgs) -> Answer {
        Some(match name {
            "stats" => args.bind("Engine.stats", []).and_then(|[]| {
                Serialized(serde_json::json!({
                    "hits": 30,
                    "misses": 10,
                    "tiers": [
                        {"name": "gpu", "used": 512, "capacity": 1024},
                        {"name": "cpu", "used": 100, "capacity": 4096},
                        {"name": "disk", "used": 0, "capacity": 65536},
                    ],
                }))
                .into_script_value()
            }),
            "lookup" => args.bind("Engine.lookup", [("tokens", true)]).and_then(|[tokens]| {
                use admin_runtime::script::FromScriptValue;
                let tokens = Vec::<u32>::argument("Engine.lookup", "tokens", tokens)?;
                (tokens.len() / 2).into_script_value()
            }),
            "clear" => 0.into_script_value(),
            "panic" => panic!("a method of the test panics"),
            "hang" => loop {
                std::thread::park();
            },
            _ => return None,
        })
    }
}

impl ScriptObject for Metadata {
    fn class_name(&self) -> &str {
        "Metadata"
    }
    fn members(&self) -> &[ScriptMember] {
        &[ScriptMember {
            name: "is_first_rank",
            kind: MemberKind::Method,
            signature: "()",
            changes: false,
            summary: "Whether this is the first rank.",
        }]
    }
    fn attribute(&self, name: &str) -> Answer {
        Some(match name {
            "model_name" => "meta-llama/Llama-3.1-8B".into_script_value(),
            "world_size" => 2.into_script_value(),
            "worker_id" => 0.into_script_value(),
            "kv_dtype" => "bfloat16".into_script_value(),
            "kv_shape" => (27, 1, 64, 1, 576).into_script_value(),
            "use_mla" => false.into_script_value(),
            _ => return None,
        })
    }
    fn call(&self, name: &str, args: ScriptArgs) -> Answer {
        (name == "is_first_rank").then(|| {
            let [] = args.bind("Metadata.is_first_rank", [])?;
            true.into_script_value()
        })
    }
}
