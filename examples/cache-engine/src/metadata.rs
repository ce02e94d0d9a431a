//! The model and the process that the blocks belong to.

use serde::Serialize;

/// The shape of the key-value cache of one block: layers, planes (2 for keys and values, 1 where
/// both are one latent, as in multi-head latent attention), tokens, heads, head size.
pub type KvShape = (u32, u32, u32, u32, u32);

/// The model whose blocks an engine caches, and the rank of this process among those that serve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The model.
    pub model: String,
    /// This process's rank, from 0.
    pub rank: u32,
    /// The number of ranks.
    pub world_size: u32,
    /// The shape of one block.
    pub kv_shape: KvShape,
}

impl Metadata {
    /// Whether this is rank 0, which represents all.
    ///
    /// ```
    /// assert!(cache_engine::Metadata::default().is_first_rank());
    /// ```
    #[must_use]
    pub fn is_first_rank(&self) -> bool {
        self.rank == 0
    }
}

/// One process that serves a small model with latent attention.
impl Default for Metadata {
    fn default() -> Self {
        Self {
            model: "deepseek-v2-lite".to_owned(),
            rank: 0,
            world_size: 1,
            kv_shape: (27, 1, 64, 1, 576),
        }
    }
}
