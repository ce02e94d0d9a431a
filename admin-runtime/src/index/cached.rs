//! The texts of the index, which are made again only where something in them has changed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::endpoint::EndpointStatus;
use crate::registry::UserRuntimeStatus;
use crate::request::ListedEndpoints;
use crate::response::AdminError;
use crate::sync::lock;

/// The last texts of one server.
#[derive(Debug, Default)]
pub(crate) struct IndexTexts(Mutex<VecDeque<(IndexTextKey, Bytes)>>);

/// Each listener with a list, each format and each prefix of links has a text of its own.
const MAX_TEXTS: usize = 16;

/// Everything that differs between two texts of one server.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IndexTextKey {
    /// The prefix of links of the list; `None` for JSON.
    pub(super) base: Option<String>,
    pub(super) listed: Option<Arc<ListedEndpoints>>,
    pub(super) statuses: Vec<EndpointStatus>,
    pub(super) user_runtime: Option<UserRuntimeStatus>,
}

impl IndexTexts {
    /// The text of this key, made by `make` unless it is one of the last.
    pub(super) fn text(
        &self,
        key: IndexTextKey,
        make: impl FnOnce() -> Result<Bytes, AdminError>,
    ) -> Result<Bytes, AdminError> {
        let found = lock(&self.0)
            .iter()
            .find(|(known, _)| *known == key)
            .cloned();
        if let Some((_, text)) = found {
            return Ok(text);
        }
        let text = make()?;
        let mut texts = lock(&self.0);
        // An older one of the same place is not asked for again.
        texts.retain(|(known, _)| known.base != key.base || known.listed != key.listed);
        texts.truncate(MAX_TEXTS - 1);
        texts.push_front((key, text.clone()));
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(texts: &IndexTexts, base: Option<&str>, status: &str, made: &'static str) -> Bytes {
        let key = IndexTextKey {
            base: base.map(str::to_owned),
            listed: None,
            statuses: vec![EndpointStatus::new().with("status", status.to_owned())],
            user_runtime: None,
        };
        texts
            .text(key, || Ok(Bytes::from_static(made.as_bytes())))
            .unwrap()
    }

    #[test]
    fn texts_change_with_what_they_show() {
        let texts = IndexTexts::default();
        assert_eq!(text(&texts, None, "on", "one"), "one");
        assert_eq!(text(&texts, None, "on", "two"), "one");
        assert_eq!(text(&texts, Some("."), "on", "list"), "list");
        assert_eq!(text(&texts, None, "off", "three"), "three");
        assert_eq!(text(&texts, Some("."), "on", "four"), "list");
        for number in 0..2 * MAX_TEXTS {
            text(&texts, Some(&number.to_string()), "on", "other");
        }
        assert_eq!(lock(&texts.0).len(), MAX_TEXTS);
    }
}
