//! What a certificate says: when it is valid, whom it names, and whether it signs others.

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};

/// The names of a certificate: the common name, then the alternative ones.
pub(crate) fn names_of(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
        return Vec::new();
    };
    let common = parsed.subject().iter_common_name();
    let common = common.filter_map(|name| name.as_str().ok());
    let mut names: Vec<String> = common.map(str::to_owned).collect();
    if let Ok(Some(alternatives)) = parsed.subject_alternative_name() {
        let general_names = alternatives.value.general_names.iter();
        names.extend(general_names.filter_map(|name| match name {
            GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
                Some((*name).to_owned())
            }
            _ => None,
        }));
    }
    names
}

/// When a certificate is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: i64,
    pub(super) not_after: i64,
}

impl Validity {
    /// That of a certificate; `None` if it is not one.
    pub(super) fn from_certificate(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        Some(Self {
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
        })
    }

    pub(super) fn contains(self, unix_seconds: i64) -> bool {
        (self.not_before..=self.not_after).contains(&unix_seconds)
    }
}

/// The subject of a certificate that can sign no other one, such as that of a client.
///
/// One that has signed itself is accepted by its key, whatever it says.
pub(super) fn subject_that_signs_none(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let constraints = parsed.basic_constraints().ok()?;
    let signs_others = constraints.is_some_and(|constraints| constraints.value.ca);
    let is_old = parsed.version() != X509Version::V3; // it cannot say so
    let is_self_issued = parsed.subject() == parsed.issuer();
    (!signs_others && !is_old && !is_self_issued).then(|| parsed.subject().to_string())
}
