//! The configuration of TLS to other processes.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::{ClientConfig, RootCertStore};

/// Trusts the certificates of a PEM text and no others.
///
/// No provider is installed for the process: the program may have its own.
///
/// # Errors
///
/// What is wrong with the text.
pub(super) fn client_config(pem: &str) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| match error {
            // Its text has the line as numbers.
            PemError::MissingSectionEnd { .. } => {
                "it is not PEM: a section that begins has no line -----END CERTIFICATE-----"
                    .to_owned()
            }
            error => format!("it is not PEM: {error}"),
        })?;
        roots
            .add(certificate)
            .map_err(|error| format!("a certificate cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err("it has no certificate: expected PEM, -----BEGIN CERTIFICATE-----".to_owned());
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_certificates_are_refused() {
        for pem in [
            "",
            "no PEM",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let error = client_config(pem).unwrap_err();
            assert!(error.contains("certificate"), "{error}");
        }
    }
}
