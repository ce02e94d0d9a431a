//! Whose blocks they are.

use serde::Serialize;

/// The shape of the key-value cache of one block: layers, planes (2 for keys and values, 1 where
/// both are one latent, as in multi-head latent attention), tokens, heads, head size.
pub type KvShape = (u32, u32, u32, u32, u32);

/// What an engine caches for: the model and this process's place among those that serve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The model.
    pub model: String,
    /// This process's rank, from 0.
    pub rank: u32,
    /// How many ranks there are.
    pub world_size: u32,
    /// The shape of one block.
    pub kv_shape: KvShape,
}

impl Metadata {
    /// Whether this is rank 0, the one that speaks for all.
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
