//! Masked variables, kept until they change: masking costs more than all else of a reply.
//!
//! Keys are keyed hashes of settings, names and values, so that no secret is kept.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex};

use super::config::EnvConfig;
use super::variables::Variables;
use crate::sync::lock;

/// Names and masked values, in order.
pub(super) type MaskedVariables = Arc<[(String, String)]>;

/// More values are not kept.
const MAX_VALUES: usize = 4096;

/// Longer values are masked each time.
const MAX_VALUE_BYTES: usize = 4096;

/// More environments are not kept: one for the settings of each server.
const MAX_ENVIRONMENTS: usize = 4;

/// Larger environments are masked again for each request.
const MAX_ENVIRONMENT_BYTES: usize = 64 << 10;

/// Shared by all servers: the settings of each are part of the keys.
static CACHE_OF_PROCESS: LazyLock<CacheEntries> = LazyLock::new(CacheEntries::default);

#[derive(Default)]
struct CacheEntries {
    state: RandomState,
    /// `None` where nothing of a value is masked.
    values: Mutex<HashMap<u64, Option<Box<str>>>>,
    environments: Mutex<HashMap<u64, MaskedVariables>>,
}

/// What is kept under the same settings.
pub(super) struct MaskCache<'c> {
    config: &'c EnvConfig,
    kept: &'c CacheEntries,
    settings: <RandomState as BuildHasher>::Hasher,
}

impl<'c> MaskCache<'c> {
    pub(super) fn new(config: &'c EnvConfig) -> Self {
        Self::with(config, &CACHE_OF_PROCESS)
    }

    fn with(config: &'c EnvConfig, kept: &'c CacheEntries) -> Self {
        let mut settings = kept.state.build_hasher();
        config.hash(&mut settings);
        Self {
            config,
            kept,
            settings,
        }
    }

    fn key(&self, of: impl Hash) -> u64 {
        let mut key = self.settings.clone();
        of.hash(&mut key);
        key.finish()
    }

    /// As [`EnvConfig::mask`].
    pub(super) fn mask(&self, name: &str, value: &str) -> String {
        let key = self.key((name, value));
        if let Some(masked) = lock(&self.kept.values).get(&key) {
            return masked.as_deref().unwrap_or(value).to_owned();
        }
        let masked = self.config.mask(name, value);
        if masked.len() <= MAX_VALUE_BYTES {
            let kept = (masked != value).then(|| Box::from(masked.as_ref()));
            insert(&self.kept.values, MAX_VALUES, key, kept);
        }
        masked.into_owned()
    }

    /// All variables, masked now if they have changed.
    pub(super) fn variables(
        &self,
        variables: &Variables,
        masked: impl FnOnce() -> MaskedVariables,
    ) -> MaskedVariables {
        if self.config.shows_secrets() || variables.bytes() > MAX_ENVIRONMENT_BYTES {
            return masked();
        }
        let key = self.key(variables);
        if let Some(kept) = lock(&self.kept.environments).get(&key) {
            return Arc::clone(kept);
        }
        let masked = masked();
        let kept = Arc::clone(&masked);
        insert(&self.kept.environments, MAX_ENVIRONMENTS, key, kept);
        masked
    }
}

/// Inserts a value; in a full map it takes the place of all others.
fn insert<V>(map: &Mutex<HashMap<u64, V>>, max: usize, key: u64, value: V) {
    let mut map = lock(map);
    if map.len() >= max {
        map.clear();
    }
    map.insert(key, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_the_same_the_second_time() {
        let kept = CacheEntries::default();
        let config = EnvConfig::new();
        let cache = MaskCache::with(&config, &kept);
        for _ in 0..2 {
            assert_eq!(cache.mask("HOME", "/root"), "/root");
            assert_eq!(cache.mask("DB", "pg://u:p@h"), "pg://u:******@h");
            assert_eq!(cache.mask("DB", "pg://u@h"), "pg://u@h");
        }
        assert_eq!(lock(&kept.values).len(), 3);
    }

    #[test]
    fn settings_of_two_servers_do_not_mix() {
        let kept = CacheEntries::default();
        let (masking, showing) = (EnvConfig::new(), EnvConfig::new().show("TOKEN"));
        for _ in 0..2 {
            assert_eq!(
                MaskCache::with(&masking, &kept).mask("TOKEN", "abc"),
                "******"
            );
            assert_eq!(MaskCache::with(&showing, &kept).mask("TOKEN", "abc"), "abc");
        }
    }

    #[test]
    fn keeps_a_bounded_number_of_values() {
        let kept = CacheEntries::default();
        let config = EnvConfig::new();
        let cache = MaskCache::with(&config, &kept);
        for number in 0..=MAX_VALUES {
            cache.mask("N", &number.to_string());
        }
        assert_eq!(lock(&kept.values).len(), 1);
    }

    #[test]
    fn keeps_no_text_of_shown_values() {
        let kept = CacheEntries::default();
        let config = EnvConfig::new();
        MaskCache::with(&config, &kept).mask("HOME", "/root");
        assert!(lock(&kept.values).values().all(Option::is_none));
    }

    #[test]
    fn an_unchanged_environment_is_masked_once() {
        let kept = CacheEntries::default();
        let config = EnvConfig::new();
        let cache = MaskCache::with(&config, &kept);
        let variables = |text: &str| Variables::from_strings(text.as_bytes());
        let shown = |name: &str| MaskedVariables::from([(name.to_owned(), String::new())]);
        assert_eq!(
            cache.variables(&variables("A=\0"), || shown("A")),
            shown("A")
        );
        assert_eq!(
            cache.variables(&variables("A=\0"), || shown("again")),
            shown("A")
        );
        assert_eq!(
            cache.variables(&variables("B=\0"), || shown("B")),
            shown("B")
        );
    }

    #[test]
    fn an_environment_with_secrets_is_not_kept() {
        let kept = CacheEntries::default();
        let config = EnvConfig::new().show_secrets();
        let variables = Variables::from_strings(b"A=\0");
        MaskCache::with(&config, &kept).variables(&variables, || MaskedVariables::from([]));
        assert!(lock(&kept.environments).is_empty());
    }
}
