//! examples/cache-engine
