//! Replaces `sampling` where stacks are not available.

use super::data::Profile;
use super::error::ProfileError;
use super::settings::ProfileSettings;

pub(crate) struct Sampling;

impl Sampling {
    pub(crate) fn prepare(_settings: ProfileSettings) -> Result<Self, ProfileError> {
        Err(ProfileError::Unsupported)
    }

    pub(crate) fn run(self, _is_cancelled: &mut dyn FnMut() -> bool) -> Option<Profile> {
        None
    }
}
