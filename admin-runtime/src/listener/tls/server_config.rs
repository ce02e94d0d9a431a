//! The configuration of TLS, made from the contents of files.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
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
/// Everything that is wrong with the contents, without any part of the key.
pub(super) fn server_config(contents: TlsContents<'_>) -> Result<BuiltConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let chain = certificate_chain(contents.certificates);
    let key = usable_key(contents.key, &provider);
    let client_ca = contents
        .client_ca
        .map(|file| client_ca(file, &contents, &provider))
        .transpose();
    let pair = match (&chain, &key) {
        (Ok((certificates, _)), Ok(key)) => {
            let alone = builder.clone().with_no_client_auth();
            let alone = alone.with_single_cert(certificates.clone(), key.clone_key());
            alone
                .map(drop)
                .map_err(|error| unusable_pair(&contents, &error))
        }
        _ => Ok(()),
    };
    let (chain, key, client_ca) = match (chain, key, client_ca, pair) {
        (Ok(chain), Ok(key), Ok(client_ca), Ok(())) => (chain, key, client_ca),
        (chain, key, client_ca, pair) => {
            let problems = [chain.err(), key.err(), pair.err(), client_ca.err()];
            return Err(problems
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("; "));
        }
    };
    let (verifier, client_ca) = client_ca.unzip();
    let builder = match verifier {
        None => builder.with_no_client_auth(),
        Some(verifier) => builder.with_client_cert_verifier(verifier),
    };
    let (certificates, certificate) = chain;
    let mut config = builder
        .with_single_cert(certificates, key)
        .map_err(|error| unusable_pair(&contents, &error))?;
    config.alpn_protocols = vec![ALPN_PROTOCOL.to_vec()];
    Ok(BuiltConfig {
        config: Arc::new(config),
        certificate,
        client_ca: client_ca.unwrap_or_default(),
    })
}

/// What is wrong with each file that can be read, where another one cannot.
pub(super) fn problems_of_files(contents: &[Option<PemFile<'_>>]) -> Vec<String> {
    let provider = Arc::new(ring::default_provider());
    let file = |at: usize| contents.get(at).copied().flatten();
    let chain = file(0).and_then(|file| certificate_chain(file).err());
    let key = file(1).and_then(|file| usable_key(file, &provider).err());
    let client_ca = file(2).and_then(|file| roots(file, &mut Vec::new()).err());
    [chain, key, client_ca].into_iter().flatten().collect()
}

/// The certificates of the server, and when the first one is valid.
fn certificate_chain(
    file: PemFile<'_>,
) -> Result<(Vec<CertificateDer<'static>>, Validity), String> {
    let certificates = certificates(file, "certificate")?;
    let validity = Validity::from_certificate(&certificates[0])
        .ok_or_else(|| file.problem("the certificate is not an X.509 certificate"))?;
    Ok((certificates, validity))
}

fn usable_key(
    file: PemFile<'_>,
    provider: &CryptoProvider,
) -> Result<PrivateKeyDer<'static>, String> {
    let key = private_key(file)?;
    let loaded = provider.key_provider.load_private_key(key.clone_key());
    loaded.map_err(|_| file.problem("keys of this kind cannot be used: expected RSA with 2048 to 8192 bits, ECDSA with P-256 or P-384, or Ed25519"))?;
    Ok(key)
}

/// What verifies the certificates of clients, and when each certificate of their CA is valid.
fn client_ca(
    file: PemFile<'_>,
    contents: &TlsContents<'_>,
    provider: &Arc<CryptoProvider>,
) -> Result<(Arc<dyn ClientCertVerifier>, Vec<Validity>), String> {
    let mut validity = Vec::new();
    let roots = Arc::new(roots(file, &mut validity)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider));
    let verifier = if contents.is_certificate_optional {
        verifier.allow_unauthenticated()
    } else {
        verifier
    };
    let verifier = verifier
        .build()
        .map_err(|error| unusable_ca(file, &error))?;
    Ok((verifier, validity))
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
