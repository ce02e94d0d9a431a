//! The configuration of TLS, made from the contents of files.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{Error as TlsError, RootCertStore, ServerConfig};

use super::certificate::{Validity, subject_that_signs_none};
use crate::text::excerpt;

/// The protocol that is offered: HTTP/2 is not supported.
const ALPN_PROTOCOL: &[u8] = b"http/1.1";

/// Longest subject of a certificate that a message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 100;

/// A file and what it contains.
#[derive(Clone, Copy)]
pub(super) struct PemFile<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// What the files of a listener say.
#[derive(Clone, Copy)]
pub(super) struct TlsContents<'a> {
    pub(super) certificates: PemFile<'a>,
    pub(super) key: PemFile<'a>,
    /// The certificates of those who sign client certificates.
    pub(super) client_ca: Option<PemFile<'a>>,
    /// Whether a client may connect without a certificate, since it may have other credentials.
    pub(super) is_certificate_optional: bool,
}

/// A configuration, and when its certificates are valid.
#[derive(Clone, Debug)]
pub(super) struct BuiltConfig {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: Validity,
    /// Of each certificate of the client CA.
    pub(super) client_ca: Vec<Validity>,
}

/// No provider is installed for the process: the program may have its own.
///
/// # Errors
///
/// What is wrong with the contents, without any part of the key.
pub(super) fn server_config(contents: TlsContents<'_>) -> Result<BuiltConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let file = contents.certificates;
    let certificates = certificates(file, "certificate")?;
    let certificate = Validity::from_certificate(&certificates[0])
        .ok_or_else(|| file.problem("the certificate is not an X.509 certificate"))?;
    let key = private_key(contents.key)?;
    provider
        .key_provider
        .load_private_key(key.clone_key())
        .map_err(|_| contents.key.problem("keys of this kind cannot be used: expected RSA with 2048 to 8192 bits, ECDSA with P-256 or P-384, or Ed25519"))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut client_ca = Vec::new();
    let builder = match contents.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let roots = roots(file, &mut client_ca)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if contents.is_certificate_optional {
                verifier.allow_unauthenticated()
            } else {
                verifier
            };
            let verifier = verifier
                .build()
                .map_err(|error| unusable_ca(file, &error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificates, key)
        .map_err(|error| unusable_pair(&contents, &error))?;
    config.alpn_protocols = vec![ALPN_PROTOCOL.to_vec()];
    Ok(BuiltConfig {
        config: Arc::new(config),
        certificate,
        client_ca,
    })
}

impl PemFile<'_> {
    fn problem(self, text: &str) -> String {
        format!("{}: {text}", self.path.display())
    }

    /// The text without the mark that some editors write first.
    fn bytes(&self) -> &[u8] {
        self.text.trim_start_matches('\u{feff}').as_bytes()
    }
}

fn private_key(file: PemFile<'_>) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(file.bytes()).map_err(|_| {
        file.problem("the key is not a private key in PEM: expected PKCS #8, PKCS #1 or SEC 1, not encrypted")
    })
}

fn unusable_pair(contents: &TlsContents<'_>, error: &TlsError) -> String {
    let (certificate, key) = (contents.certificates, contents.key.path.display());
    certificate.problem(&match error {
        TlsError::InconsistentKeys(_) => format!("certificate and key cannot be used together: the key in {key} is not that of this certificate"),
        error => format!("certificate and key cannot be used: {error}"),
    })
}

fn unusable_ca(file: PemFile<'_>, error: &dyn std::error::Error) -> String {
    file.problem(&format!("the client CA cannot be used: {error}"))
}

/// At least one.
fn certificates(file: PemFile<'_>, kind: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(file.bytes()).collect();
    let parsed = parsed.map_err(|error| {
        let reason = pem_problem(&error);
        file.problem(&format!("the file of the {kind} is not PEM: {reason}"))
    })?;
    if parsed.is_empty() {
        return Err(file.problem(&format!(
            "the file of the {kind} has no certificate: expected PEM, -----BEGIN CERTIFICATE-----"
        )));
    }
    Ok(parsed)
}

fn pem_problem(error: &PemError) -> &'static str {
    match error {
        PemError::MissingSectionEnd { .. } => {
            "a section that begins has no line -----END CERTIFICATE-----"
        }
        PemError::IllegalSectionStart { .. } => {
            "a line begins with -----BEGIN and does not end with -----"
        }
        PemError::Base64Decode(_) => "a section is not valid base64",
        _ => "expected sections from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
    }
}

fn roots(file: PemFile<'_>, validity: &mut Vec<Validity>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file, "client CA")? {
        if let Some(subject) = subject_that_signs_none(&certificate) {
            let subject = excerpt(&subject, MAX_QUOTED_CHARS);
            return Err(file.problem(&format!("the client CA cannot be used: the certificate of {subject} is not that of a CA (CA:TRUE is missing), so that every client would be refused: give the certificate that has signed those of the clients")));
        }
        validity.extend(Validity::from_certificate(&certificate));
        roots
            .add(certificate)
            .map_err(|error| unusable_ca(file, &error))?;
    }
    Ok(roots)
}
