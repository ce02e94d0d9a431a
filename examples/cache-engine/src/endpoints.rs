//! The admin endpoints of the cache.
//!
//! Those that visit or free many blocks are sync functions and run on the pool.

use std::sync::Arc;

use admin_runtime::{AdminError, Audit, Pretty, State, admin_endpoint};

use crate::block::BlockKey;
use crate::engine::Engine;
use crate::error::UnknownTier;
use crate::fraction::Fraction;
use crate::stats::{BlockInfo, Dropped, Expanded, Stats, TierStats};

/// Size and hit ratio of the cache.
///
/// A consistent snapshot; counts are since the start.
#[admin_endpoint(path = "/cache/stats")]
async fn stats(engine: State<Arc<Engine>>) -> Pretty<Stats> {
    Pretty(engine.stats())
}

/// Size and hits of one tier.
#[admin_endpoint(path = "/cache/{tier}")]
async fn tier(
    /// The name, such as `hot`.
    tier: String,
    engine: State<Arc<Engine>>,
) -> Result<Pretty<TierStats>, AdminError> {
    engine.tier(&tier).map(Pretty).map_err(unknown)
}

/// The largest list of blocks.
const MAX_LISTED_BLOCKS: usize = 1000;

/// The blocks of one tier.
///
/// Most recently used first. Listing a block does not count as a use.
#[admin_endpoint(path = "/cache/{tier}/blocks")]
fn list(
    /// The tier's name.
    tier: String,
    /// Number of blocks, at most 1000.
    #[param(default = "20")]
    limit: usize,
    engine: State<Arc<Engine>>,
) -> Result<Pretty<Vec<BlockInfo>>, AdminError> {
    if limit > MAX_LISTED_BLOCKS {
        return Err(AdminError::bad_request(format!(
            "Invalid limit '{limit}': expected at most {MAX_LISTED_BLOCKS}"
        )));
    }
    engine.recent(&tier, limit).map(Pretty).map_err(unknown)
}

/// Find one block.
///
/// Returns its tier. The lookup does not count as a use and does not move the block.
#[admin_endpoint(path = "/cache/blocks/{key}")]
async fn lookup(
    /// 1 to 16 hex digits.
    key: BlockKey,
    engine: State<Arc<Engine>>,
) -> Result<Pretty<BlockInfo>, AdminError> {
    engine.peek(key).map(Pretty).ok_or_else(|| missing(key))
}

/// Remove one block.
#[admin_endpoint(method = "DELETE", path = "/cache/blocks/{key}")]
async fn remove(
    /// 1 to 16 hex digits.
    key: BlockKey,
    engine: State<Arc<Engine>>,
    audit: Audit,
) -> Result<Pretty<BlockInfo>, AdminError> {
    let removed = engine.remove(key).ok_or_else(|| missing(key))?;
    audit.change(format_args!("in {}", removed.tier), "removed");
    Ok(Pretty(removed))
}

/// Remove all blocks of one tier.
///
/// Returns how many blocks and bytes were removed.
#[admin_endpoint(method = "POST", path = "/cache/{tier}/clear", timeout = "5s")]
fn clear(
    /// The tier's name.
    tier: String,
    engine: State<Arc<Engine>>,
    audit: Audit,
) -> Result<Pretty<Dropped>, AdminError> {
    let cleared = engine.clear(&tier).map_err(unknown)?;
    audit.change(format_args!("{} blocks", cleared.blocks), "0 blocks");
    Ok(Pretty(cleared))
}

/// Evict the least recently used blocks.
///
/// The coldest tier is first; it ends when at most the given part of the whole capacity is used.
#[admin_endpoint(method = "POST", path = "/cache/evict", timeout = "5s")]
fn evict(
    /// The part of the capacity that may stay in use, 0 to 1.
    to: Fraction,
    engine: State<Arc<Engine>>,
    audit: Audit,
) -> Pretty<Dropped> {
    let evicted = engine.evict_to(to);
    let left = engine.stats().blocks;
    audit.change(
        format_args!("{} blocks", left + evicted.blocks),
        format_args!("{left} blocks"),
    );
    Pretty(evicted)
}

/// Increase the capacity of one tier.
///
/// The increase ends at the limit for all tiers together.
#[admin_endpoint(method = "POST", path = "/cache/{tier}/expand")]
async fn expand(
    /// The tier's name.
    tier: String,
    /// Bytes to add.
    bytes: u64,
    engine: State<Arc<Engine>>,
    audit: Audit,
) -> Result<Pretty<Expanded>, AdminError> {
    let expanded = engine.expand(&tier, bytes).map_err(unknown)?;
    if bytes > 0 && expanded.before == expanded.after {
        let max = engine.stats().max_capacity;
        return Err(AdminError::conflict(format!(
            "All tiers together already have the {max} bytes that they may have"
        )));
    }
    audit.change(
        format_args!("{} bytes", expanded.before),
        format_args!("{} bytes", expanded.after),
    );
    Ok(Pretty(expanded))
}

fn unknown(error: UnknownTier) -> AdminError {
    AdminError::not_found(error.to_string())
}

fn missing(key: BlockKey) -> AdminError {
    AdminError::not_found(format!("No block {key}"))
}

#[cfg(test)]
mod tests {
    use admin_runtime::AdminServer;
    use admin_runtime::testing::TestClient;
    use serde_json::{Value, json};

    use super::*;
    use crate::block::Block;
    use crate::config::EngineConfig;

    fn engine() -> Arc<Engine> {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        for key in [1, 2, 3] {
            engine.put(Block::new(BlockKey(key), vec![0; 928])).unwrap();
        }
        Arc::new(engine)
    }

    fn client(engine: &Arc<Engine>) -> TestClient {
        let server = AdminServer::builder().state(Arc::clone(engine)).build();
        server.unwrap().test_client()
    }

    #[tokio::test]
    async fn stats_of_all_and_of_one_tier() {
        let client = client(&engine());
        let stats: Value = client.get("/cache/stats").await.json();
        assert_eq!(
            (&stats["blocks"], &stats["bytes"]),
            (&json!(3), &json!(3072))
        );
        assert_eq!(stats["hit_ratio"], Value::Null);
        let hot: Value = client.get("/cache/hot").await.json();
        assert_eq!(hot, stats["tiers"][0]);
    }

    #[tokio::test]
    async fn a_lookup_does_not_count_as_use() {
        let engine = engine();
        let client = client(&engine);
        let found: Value = client.get("/cache/blocks/1").await.json();
        let first = json!({"key": "0000000000000001", "tier": "hot", "bytes": 1024});
        assert_eq!(found, first);
        let listed: Value = client.get("/cache/hot/blocks?limit=1").await.json();
        assert_eq!(listed[0]["key"], "0000000000000003");
        let stats = engine.stats();
        assert_eq!((stats.hits, stats.misses), (0, 0));
    }

    #[tokio::test]
    async fn clearing_returns_what_was_removed() {
        let engine = engine();
        let reply = client(&engine).post("/cache/hot/clear").await;
        let cleared: Value = reply.json();
        assert_eq!(cleared, json!({"blocks": 3, "bytes": 3072}));
        assert_eq!(engine.stats().removed, 3);
    }

    #[tokio::test]
    async fn removing_evicting_and_expanding() {
        let engine = engine();
        let client = client(&engine);
        let delete = admin_runtime::describe::Method::Delete
            .as_str()
            .parse()
            .unwrap();
        let removed: Value = client.request(delete, "/cache/blocks/2").await.json();
        assert_eq!(removed["tier"], "hot");
        let evicted: Value = client.post("/cache/evict?to=0.0002").await.json();
        assert_eq!(evicted, json!({"blocks": 1, "bytes": 1024}));
        let expanded: Value = client.post("/cache/hot/expand?bytes=100").await.json();
        assert_eq!(expanded, json!({"before": 262_144, "after": 262_244}));
        let rest = format!("/cache/cold/expand?bytes={}", u64::MAX);
        assert_eq!(client.post(&rest).await.status().as_u16(), 200);
        assert_eq!(client.post(&rest).await.status().as_u16(), 409);
    }

    #[tokio::test]
    async fn missing_tiers_and_blocks_are_named() {
        let client = client(&engine());
        let refused = [
            (
                "/cache/lukewarm",
                404,
                "No tier 'lukewarm'; there are hot, warm, cold",
            ),
            ("/cache/blocks/ff", 404, "No block 00000000000000ff"),
            ("/cache/hot/blocks?limit=1001", 400, "limit '1001'"),
            ("/cache/blocks/0x1", 400, "1 to 16 hex digits"),
        ];
        for (path, status, text) in refused {
            let reply = client.get(path).await;
            assert_eq!(reply.status().as_u16(), status, "{path}");
            let error: Value = reply.json();
            let error = error["error"].as_str().unwrap();
            assert!(error.contains(text), "{path}: {error}");
        }
        let reply = client.post("/cache/evict?to=1.5").await;
        assert_eq!(reply.status().as_u16(), 400);
        assert!(
            reply.text().contains("a number from 0 to 1"),
            "{}",
            reply.text()
        );
    }
}
