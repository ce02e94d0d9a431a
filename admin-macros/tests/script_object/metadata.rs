impl Metadata {
    /// The layout of one chunk.
    #[attribute]
    fn kv_shape(&self) -> (u32, u32) {
        self.kv_shape
    }

    /// Whether this is the first rank.
    fn is_first_rank(&self) -> bool {
        self.worker_id == 0
    }

    /// Drops a tier's chunks and
    /// says how many.
    ///
    /// More text.
    #[changes]
    fn clear(&self, tier: String, keep: Option<u32>) -> Result<u64, CacheError> {
        self.cache.clear(&tier, keep)
    }
}
