//! The token that is sent, and the CA that is trusted.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use admin_runtime::auth::first_secret;
use http::HeaderValue;
use rustls::ClientConfig;
use tokio::task::spawn_blocking;

use super::error::ClientError;
use super::last_read::{LastRead, describe_failures};
use super::tls::client_config;
use crate::sync::lock;

/// Longest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where the token and the CA come from. Files are read again for each use, so that they can be replaced; while one
/// cannot be used, what was read last is.
#[derive(Default)]
pub(crate) struct CredentialSources {
    token: TokenSource,
    ca: Option<PathBuf>,
    /// The configuration of the last content of the CA's file: its sessions are resumed.
    built: Mutex<Option<(String, Arc<ClientConfig>)>>,
    last_token: LastRead<Option<HeaderValue>>,
    last_tls: LastRead<Arc<ClientConfig>>,
    described: OnceLock<()>,
}

/// Where the token comes from.
#[derive(Clone, Default)]
pub(crate) enum TokenSource {
    /// None is sent.
    #[default]
    None,
    Text(String),
    /// One word, or lines `NAME EFFECT SECRET`, of which the first counts.
    File(PathBuf),
}

/// What is sent and trusted now.
#[derive(Clone, Default)]
pub(crate) struct LoadedCredentials {
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

impl CredentialSources {
    /// The same with another token.
    pub(crate) fn with_token(&self, token: TokenSource) -> Self {
        Self {
            token,
            ca: self.ca.clone(),
            ..Self::default()
        }
    }

    /// The same with another CA.
    pub(crate) fn with_ca(&self, ca: PathBuf) -> Self {
        Self {
            token: self.token.clone(),
            ca: Some(ca),
            ..Self::default()
        }
    }

    /// Reads the files, on a thread that may wait for them.
    pub(crate) async fn load(self: &Arc<Self>) -> Result<LoadedCredentials, ClientError> {
        if matches!(self.token, TokenSource::None) && self.ca.is_none() {
            return Ok(LoadedCredentials::default());
        }
        let sources = Arc::clone(self);
        let loaded = spawn_blocking(move || sources.load_blocking()).await;
        let loaded = loaded.unwrap_or_else(|error| Err(error.to_string()));
        loaded.map_err(ClientError::Credentials)
    }

    /// Reads the files.
    pub(crate) fn load_blocking(&self) -> Result<LoadedCredentials, String> {
        if self.ca.is_some() || matches!(self.token, TokenSource::File(_)) {
            self.described.get_or_init(describe_failures);
        }
        Ok(LoadedCredentials {
            authorization: self.last_token.or_last(self.token.authorization())?,
            tls: self
                .ca
                .as_ref()
                .map(|path| self.last_tls.or_last(self.tls(path)))
                .transpose()?,
        })
    }

    fn tls(&self, path: &Path) -> Result<Arc<ClientConfig>, String> {
        let unusable =
            |reason: String| format!("the CA {} cannot be used: {reason}", path.display());
        let pem = read_file(path).map_err(unusable)?;
        let mut built = lock(&self.built);
        if let Some((content, config)) = built.as_ref()
            && *content == pem
        {
            return Ok(Arc::clone(config));
        }
        let config = client_config(&pem).map_err(unusable)?;
        *built = Some((pem, Arc::clone(&config)));
        Ok(config)
    }
}

impl TokenSource {
    fn authorization(&self) -> Result<Option<HeaderValue>, String> {
        let secret = match self {
            Self::None => return Ok(None),
            Self::Text(secret) => secret.clone(),
            Self::File(path) => {
                let unusable =
                    |reason| format!("the token file {} cannot be used: {reason}", path.display());
                let text = read_file(path).map_err(unusable)?;
                first_secret(&text).map_err(unusable)?
            }
        };
        let is_visible = |byte: u8| byte.is_ascii_graphic();
        let value = (!secret.is_empty() && secret.bytes().all(is_visible))
            .then(|| HeaderValue::try_from(format!("Bearer {secret}")).ok())
            .flatten();
        let mut value = value.ok_or("the token must be visible ASCII characters")?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
        return Err(format!("expected a file of at most {MAX_FILE_BYTES} bytes"));
    }
    fs::read_to_string(path).map_err(|error| error.to_string())
}

// By hand: it has secrets.
impl fmt::Debug for CredentialSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = match &self.token {
            TokenSource::None => "none",
            TokenSource::Text(_) => "a text",
            TokenSource::File(_) => "a file",
        };
        f.debug_struct("CredentialSources")
            .field("token", &token)
            .field("ca", &self.ca)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_visible_ascii() {
        let header = |secret: &str| TokenSource::Text(secret.to_owned()).authorization();
        let sent = header("s3cret").unwrap().unwrap();
        assert_eq!(sent, "Bearer s3cret");
        assert!(sent.is_sensitive());
        for secret in ["", "a b", "a\r\nb", "ä"] {
            assert!(header(secret).is_err(), "{secret:?}");
        }
    }

    #[test]
    fn files_that_are_missing_are_named() {
        let sources = CredentialSources {
            token: TokenSource::File("/nonexistent/token".into()),
            ..CredentialSources::default()
        };
        let error = sources.load_blocking().err().unwrap();
        assert!(error.contains("/nonexistent/token"), "{error}");
        let sources = CredentialSources {
            ca: Some("/nonexistent/ca.pem".into()),
            ..CredentialSources::default()
        };
        let error = sources.load_blocking().err().unwrap();
        assert!(error.contains("/nonexistent/ca.pem"), "{error}");
    }
}
