//! The text of the document, which is made once: it takes longer than all else that a server answers.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::Value;

use super::text_first::TextFirst;
use crate::request::ListedEndpoints;
use crate::response::AdminError;
use crate::sync::lock;

/// The documents of one server: one for all endpoints, and one for each listener with a list of them.
#[derive(Debug, Default)]
pub(crate) struct OpenApiDocuments(Mutex<Vec<CachedDocument>>);

#[derive(Debug)]
struct CachedDocument {
    listed: Option<Arc<ListedEndpoints>>,
    text: Bytes,
}

impl OpenApiDocuments {
    /// The document of these endpoints, made by `make` if there is none.
    pub(super) fn text(
        &self,
        listed: Option<&Arc<ListedEndpoints>>,
        make: impl FnOnce() -> Value,
    ) -> Result<Bytes, AdminError> {
        let mut cached = lock(&self.0);
        let found = cached.iter().find(|one| one.listed.as_ref() == listed);
        if let Some(found) = found {
            return Ok(found.text.clone());
        }
        let text = serde_json::to_vec(&TextFirst(make()))
            .map_err(|error| AdminError::internal(error.to_string()))?;
        let text = Bytes::from(text);
        cached.push(CachedDocument {
            listed: listed.map(Arc::clone),
            text: text.clone(),
        });
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_document_is_made_once() {
        let documents = OpenApiDocuments::default();
        let some = Arc::new(ListedEndpoints::from([("GET", "/livez")]));
        for (listed, text) in [(None, "\"all\""), (Some(&some), "\"some\"")] {
            let made = documents.text(listed, || serde_json::from_str(text).unwrap());
            assert_eq!(made.unwrap(), text);
            let again = documents.text(listed, || json!("another"));
            assert_eq!(again.unwrap(), text);
        }
    }
}
