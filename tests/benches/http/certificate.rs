//! A certificate for the servers that speak TLS.

use std::fs;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio_rustls::TlsAcceptor;

/// Files of a certificate and its key, removed with this.
pub(crate) struct CertificateFiles {
    folder: String,
    pem: &'static str,
    signed: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl CertificateFiles {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("admin-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let folder = folder.to_str().unwrap().to_owned();
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let pem = format!("{folder}/tls.crt").leak();
        fs::write(&*pem, signed.cert.pem()).unwrap();
        let key = signed.signing_key.serialize_pem();
        fs::write(format!("{folder}/tls.key"), key).unwrap();
        Self {
            folder,
            pem,
            signed,
        }
    }

    pub(crate) fn pem(&self) -> &'static str {
        self.pem
    }

    pub(crate) fn key(&self) -> String {
        format!("{}/tls.key", self.folder)
    }

    /// With the configuration that the admin server has.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let key = self.signed.signing_key.serialize_pem();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.signed.cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Drop for CertificateFiles {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
