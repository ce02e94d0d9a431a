//! The configuration of TLS, made from the contents of files.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::certificate::not_after;

/// The protocol that is offered: HTTP/2 is not supported.
const ALPN_PROTOCOL: &[u8] = b"http/1.1";

/// What the files of a listener say.
#[derive(Clone, Copy)]
pub(super) struct TlsContents<'a> {
    pub(super) certificates: &'a str,
    pub(super) key: &'a str,
    /// The certificates of those who sign client certificates.
    pub(super) client_ca: Option<&'a str>,
    /// Whether a client may connect without a certificate, since it may have other credentials.
    pub(super) is_certificate_optional: bool,
}

/// A configuration, and when its certificate ends, in seconds since 1970.
pub(super) struct BuiltConfig {
    pub(super) config: Arc<ServerConfig>,
    pub(super) not_after: i64,
}

/// No provider is installed for the process: the program may have its own.
///
/// # Errors
///
/// What is wrong with the contents, without any part of the key.
pub(super) fn server_config(contents: TlsContents<'_>) -> Result<BuiltConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let certificates = certificates(contents.certificates, "certificate")?;
    let not_after = not_after(&certificates[0])
        .ok_or_else(|| "the certificate is not an X.509 certificate".to_owned())?;
    let key = PrivateKeyDer::from_pem_slice(contents.key.as_bytes()).map_err(|_| {
        "the key is not a private key in PEM: expected PKCS #8, PKCS #1 or SEC 1, not encrypted"
            .to_owned()
    })?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match contents.client_ca {
        None => builder.with_no_client_auth(),
        Some(client_ca) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots(client_ca)?), provider);
            let verifier = if contents.is_certificate_optional {
                verifier.allow_unauthenticated()
            } else {
                verifier
            };
            let verifier = verifier
                .build()
                .map_err(|error| format!("the client CA cannot be used: {error}"))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificates, key)
        .map_err(|error| format!("certificate and key cannot be used: {error}"))?;
    config.alpn_protocols = vec![ALPN_PROTOCOL.to_vec()];
    Ok(BuiltConfig {
        config: Arc::new(config),
        not_after,
    })
}

/// At least one.
fn certificates(text: &str, file: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let parsed = parsed.map_err(|error| format!("the file of the {file} is not PEM: {error}"))?;
    if parsed.is_empty() {
        return Err(format!(
            "the file of the {file} has no certificate: expected PEM, -----BEGIN CERTIFICATE-----"
        ));
    }
    Ok(parsed)
}

fn roots(client_ca: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(client_ca, "client CA")? {
        roots
            .add(certificate)
            .map_err(|error| format!("the client CA cannot be used: {error}"))?;
    }
    Ok(roots)
}
