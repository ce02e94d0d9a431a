//! Replaces `sampling` where stacks are not available.

use super::data::{LoadedMapping, Profile};
use super::error::ProfileError;
use super::settings::{ProfileProgress, ProfileSettings};

pub(crate) fn loaded_mappings() -> Vec<LoadedMapping> {
    Vec::new()
}

pub(crate) struct Sampling;

impl Sampling {
    pub(crate) fn prepare(_settings: ProfileSettings) -> Result<Self, ProfileError> {
        Err(ProfileError::Unsupported)
    }

    pub(crate) fn run(self, _progress: &mut dyn FnMut() -> ProfileProgress) -> Option<Profile> {
        None
    }
}
