//! TLS of one listener: its files, and the configuration that new connections get.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use metrics::{describe_gauge, gauge};
use rustls::ServerConfig;

use super::certificate::Validity;
use super::options::TlsOptions;
use super::server_config::{BuiltConfig, PemFile, TlsContents, problems_of_files, server_config};
use crate::sync::lock;
use crate::watched_files::{ContentChange, WatchedFiles};

const NOT_AFTER: &str = "admin_tls_not_after_seconds";

const CLIENT_CA_NOT_AFTER: &str = "admin_tls_client_ca_not_after_seconds";

/// The configuration of a listener, which is replaced as a whole.
#[derive(Debug)]
pub(crate) struct TlsConfig(Mutex<Arc<ServerConfig>>);

impl TlsConfig {
    /// For the next connection; those that are open keep theirs.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&lock(&self.0))
    }
}

/// The files of a listener, which are compared again and again.
#[derive(Debug)]
pub(crate) struct TlsFiles {
    listener: String,
    paths: Vec<PathBuf>,
    files: WatchedFiles,
    is_certificate_optional: bool,
    config: Arc<TlsConfig>,
    current: BuiltConfig,
    /// New certificates that are not valid now, while the current ones are.
    postponed: Option<BuiltConfig>,
    /// What the log has said of the current certificates.
    told: Vec<&'static str>,
}

/// What reading the files again has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TlsReload {
    Unchanged,
    /// New content, to be read once more.
    Changing,
    /// New connections get the new certificates.
    Replaced,
    /// The new content cannot be used, and the old certificates stay.
    Refused(String),
}

impl TlsFiles {
    /// Reads the files for the first time.
    ///
    /// # Errors
    ///
    /// Why they cannot be used.
    pub(crate) fn read(
        listener: &str,
        options: &TlsOptions,
        is_certificate_optional: bool,
    ) -> Result<Self, String> {
        let paths = [&options.certificates, &options.key].into_iter();
        let paths: Vec<PathBuf> = paths.chain(&options.client_ca).cloned().collect();
        let (files, contents) =
            WatchedFiles::read(paths.clone()).map_err(|unread| all_problems(&paths, unread))?;
        let current = server_config(contents_of(&paths, &contents, is_certificate_optional))?;
        describe_gauge!(
            NOT_AFTER,
            "When the certificate of a listener ends, in seconds since 1970"
        );
        describe_gauge!(
            CLIENT_CA_NOT_AFTER,
            "When the first certificate of the client CA of a listener ends, in seconds since 1970"
        );
        let files = Self {
            listener: listener.to_owned(),
            paths,
            files,
            is_certificate_optional,
            config: Arc::new(TlsConfig(Mutex::new(Arc::clone(&current.config)))),
            current,
            postponed: None,
            told: Vec::new(),
        };
        files.record();
        Ok(files)
    }

    pub(crate) fn config(&self) -> Arc<TlsConfig> {
        Arc::clone(&self.config)
    }

    /// The file of the private key.
    pub(crate) fn key(&self) -> &Path {
        self.paths.get(1).map_or(Path::new(""), PathBuf::as_path)
    }

    pub(crate) fn listener(&self) -> &str {
        &self.listener
    }

    /// Reads the files again. What cannot be used is returned once.
    pub(crate) fn reload(&mut self, unix_seconds: i64) -> TlsReload {
        let change = self.files.check();
        if change != ContentChange::Unchanged {
            self.postponed = None;
        }
        let reload = match change {
            ContentChange::Unchanged => match self.postponed.take() {
                Some(built) if self.may_replace(&built, unix_seconds).is_ok() => {
                    self.replace(built)
                }
                postponed => {
                    self.postponed = postponed;
                    TlsReload::Unchanged
                }
            },
            ContentChange::Changing => TlsReload::Changing,
            ContentChange::Unreadable(reason) => TlsReload::Refused(reason),
            ContentChange::Changed(contents) => {
                let optional = self.is_certificate_optional;
                match server_config(contents_of(&self.paths, &contents, optional)) {
                    Ok(built) => match self.may_replace(&built, unix_seconds) {
                        Ok(()) => self.replace(built),
                        Err(reason) => {
                            self.postponed = Some(built);
                            TlsReload::Refused(reason.to_owned())
                        }
                    },
                    Err(reason) => TlsReload::Refused(reason),
                }
            }
        };
        self.record(); // again, since metrics can be reset
        reload
    }

    /// Certificates that clients refuse, or that refuse all clients, never replace others.
    fn may_replace(&self, new: &BuiltConfig, now: i64) -> Result<(), &'static str> {
        let Validity { not_before, .. } = new.certificate;
        if self.current.certificate.contains(now) && !new.certificate.contains(now) {
            return Err(if now < not_before {
                "the new certificate is not valid yet: it is used once it is"
            } else {
                "the new certificate has ended"
            });
        }
        let is_valid = |built: &BuiltConfig| built.client_ca.iter().any(|one| one.contains(now));
        if is_valid(&self.current) && !is_valid(new) {
            return Err("no certificate of the new client CA is valid now");
        }
        Ok(())
    }

    fn replace(&mut self, built: BuiltConfig) -> TlsReload {
        *lock(&self.config.0) = Arc::clone(&built.config);
        self.current = built;
        self.told.clear();
        TlsReload::Replaced
    }

    /// What is wrong now with the certificates that are used, each once.
    pub(crate) fn new_warnings(&mut self, unix_seconds: i64) -> Vec<&'static str> {
        let certificate = self.current.certificate;
        let client_ca = &self.current.client_ca;
        let has_ended = |one: &Validity| unix_seconds > one.not_after;
        let is_early = |one: &Validity| unix_seconds < one.not_before;
        let found = [
            (
                has_ended(&certificate),
                "the certificate has ended: clients refuse it",
            ),
            (
                is_early(&certificate),
                "the certificate is not valid yet: clients refuse it",
            ),
            (
                client_ca.iter().any(has_ended),
                "a certificate of the client CA has ended: clients of that CA are refused",
            ),
            (
                client_ca.iter().any(is_early),
                "a certificate of the client CA is not valid yet: clients of that CA are refused",
            ),
        ];
        let found = found.into_iter().filter(|(is_so, _)| *is_so);
        let new: Vec<_> = found
            .map(|(_, text)| text)
            .filter(|text| !self.told.contains(text))
            .collect();
        self.told.extend(&new);
        new
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^53")]
    fn record(&self) {
        let not_after = self.current.certificate.not_after;
        gauge!(NOT_AFTER, "listener" => self.listener.clone()).set(not_after as f64);
        let client_ca = self.current.client_ca.iter().map(|one| one.not_after);
        if let Some(not_after) = client_ca.min() {
            gauge!(CLIENT_CA_NOT_AFTER, "listener" => self.listener.clone()).set(not_after as f64);
        }
    }
}

/// Why some files cannot be read, and what is wrong with the others.
fn all_problems(paths: &[PathBuf], unread: String) -> String {
    let read = |path: &PathBuf| {
        let (_, contents) = WatchedFiles::read(vec![path.clone()]).ok()?;
        Some(contents.concat())
    };
    let texts: Vec<Option<String>> = paths.iter().map(read).collect();
    let files = paths.iter().zip(&texts).map(|(path, text)| {
        Some(PemFile {
            path,
            text: text.as_deref()?,
        })
    });
    let mut problems = vec![unread];
    problems.extend(problems_of_files(&files.collect::<Vec<_>>()));
    problems.join("; ")
}

/// In the order of the paths.
fn contents_of<'a>(
    paths: &'a [PathBuf],
    contents: &'a [String],
    is_certificate_optional: bool,
) -> TlsContents<'a> {
    let file = |at: usize| PemFile {
        path: paths.get(at).map(PathBuf::as_path).unwrap_or(Path::new("")),
        text: contents.get(at).map(String::as_str).unwrap_or_default(),
    };
    TlsContents {
        certificates: file(0),
        key: file(1),
        client_ca: (paths.len() > 2).then(|| file(2)),
        is_certificate_optional,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    /// In 2027.
    const NOW: i64 = 1_800_000_000;

    /// A folder of a test's own, which is removed with this.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = format!("admin-tls-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn options(&self) -> TlsOptions {
            TlsOptions {
                certificates: self.0.join("tls.crt"),
                key: self.0.join("tls.key"),
                ..TlsOptions::default()
            }
        }

        /// Writes a certificate that ends in this year.
        fn write(&self, year: i32) {
            self.write_valid(1975, year);
        }

        /// Writes a certificate that is valid from the beginning of one year to that of another one.
        fn write_valid(&self, from: i32, to: i32) {
            let options = self.options();
            let (certificate, key) = self_signed(from, to);
            fs::write(options.certificates, certificate).unwrap();
            fs::write(options.key, key).unwrap();
        }
    }

    /// A certificate and its key.
    fn self_signed(from: i32, to: i32) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_are_replaced_as_a_whole() {
        let folder = Folder::new("reload");
        folder.write(2100);
        let mut files = TlsFiles::read("here", &folder.options(), false).unwrap();
        let config = files.config();
        let first = config.current();
        let is_first = || Arc::ptr_eq(&first, &config.current());
        assert_eq!(files.reload(NOW), TlsReload::Unchanged);
        let old_key = fs::read(folder.options().key).unwrap();
        folder.write(2101);
        let new_key = fs::read(folder.options().key).unwrap();
        // As if the key was written later than the certificate.
        fs::write(folder.options().key, old_key).unwrap();
        assert_eq!(files.reload(NOW), TlsReload::Changing);
        assert!(
            matches!(files.reload(NOW), TlsReload::Refused(reason) if reason.contains("certificate and key"))
        );
        assert_eq!(files.reload(NOW), TlsReload::Unchanged, "reported once");
        assert!(is_first());
        fs::write(folder.options().key, new_key).unwrap();
        assert_eq!(files.reload(NOW), TlsReload::Changing);
        assert!(is_first());
        assert_eq!(files.reload(NOW), TlsReload::Replaced);
        assert!(!is_first());
        fs::remove_file(folder.options().key).unwrap();
        assert!(
            matches!(files.reload(NOW), TlsReload::Refused(reason) if reason.contains("tls.key"))
        );
    }

    #[test]
    fn problems_of_certificates_are_told_once() {
        let folder = Folder::new("end");
        folder.write_valid(2000, 2001);
        let mut files = TlsFiles::read("here", &folder.options(), false).unwrap();
        let (begin, end) = (946_684_800, 978_307_200); // 2000-01-01 and 2001-01-01
        let texts = |files: &mut TlsFiles, now| files.new_warnings(now).join(", ");
        assert!(texts(&mut files, begin - 1).contains("not valid yet"));
        assert_eq!(texts(&mut files, begin), "");
        assert_eq!(texts(&mut files, end), "");
        assert!(texts(&mut files, end + 1).contains("has ended"));
        assert_eq!(texts(&mut files, end + 2), "");
        folder.write(2002);
        assert_eq!(files.reload(end + 2), TlsReload::Changing);
        assert_eq!(files.reload(end + 2), TlsReload::Replaced);
        assert_eq!(texts(&mut files, end + 2), "");
        let (client_ca, _) = self_signed(2000, 2001);
        let path = folder.0.join("ca.crt");
        fs::write(&path, client_ca).unwrap();
        let options = TlsOptions {
            client_ca: Some(path),
            ..folder.options()
        };
        let mut files = TlsFiles::read("here", &options, false).unwrap();
        let told = "a certificate of the client CA has ended: clients of that CA are refused";
        assert_eq!(files.new_warnings(end + 1), [told]);
    }

    #[test]
    fn valid_certificate_is_never_replaced_by_another() {
        let folder = Folder::new("valid");
        folder.write(2100);
        let mut files = TlsFiles::read("here", &folder.options(), false).unwrap();
        let config = files.config();
        let first = config.current();
        let is_first = || Arc::ptr_eq(&first, &config.current());
        for (from, to, expected) in [(2000, 2001, "has ended"), (2050, 2101, "not valid yet")] {
            folder.write_valid(from, to);
            assert_eq!(files.reload(NOW), TlsReload::Changing);
            let reload = files.reload(NOW);
            assert!(
                matches!(&reload, TlsReload::Refused(reason) if reason.contains(expected)),
                "{reload:?}"
            );
            assert_eq!(files.reload(NOW), TlsReload::Unchanged, "reported once");
            assert!(is_first());
        }
        let in_2050 = 2_524_608_000;
        assert_eq!(
            files.reload(in_2050),
            TlsReload::Replaced,
            "it is valid now"
        );
        assert!(!is_first());
    }

    #[test]
    fn ended_certificate_may_be_replaced_by_any() {
        let folder = Folder::new("ended");
        folder.write(2001);
        let mut files = TlsFiles::read("here", &folder.options(), false).unwrap();
        folder.write(2002);
        assert_eq!(files.reload(NOW), TlsReload::Changing);
        assert_eq!(files.reload(NOW), TlsReload::Replaced);
    }

    #[test]
    fn messages_name_the_file_and_what_is_expected() {
        let folder = Folder::new("messages");
        let (certificate, key) = self_signed(2000, 2100);
        let cut = certificate.replace("-----END CERTIFICATE-----", "");
        let p521 =
            "-----BEGIN PRIVATE KEY-----\nMFMCAQEwBQYDK2VxBEcERTR2\n-----END PRIVATE KEY-----\n";
        let (_, other_key) = self_signed(2000, 2100);
        let marked = format!("\u{feff}{certificate}");
        for (certificate, key, expected) in [
            (
                &cut,
                &key,
                Some(
                    "tls.crt: the file of the certificate is not PEM: a section that begins has no line -----END",
                ),
            ),
            (
                &certificate.replace("MII", "M!!"),
                &key,
                Some(
                    "tls.crt: the file of the certificate is not PEM: a section is not valid base64",
                ),
            ),
            (
                &certificate,
                &p521.to_owned(),
                Some("tls.key: keys of this kind cannot be used: expected RSA"),
            ),
            (
                &certificate,
                &other_key,
                Some("is not that of this certificate"),
            ),
            (&marked, &key, None),
        ] {
            let options = folder.options();
            fs::write(&options.certificates, certificate).unwrap();
            fs::write(&options.key, key).unwrap();
            let error = TlsFiles::read("here", &options, false).err();
            match expected {
                Some(expected) => assert!(
                    error.as_ref().is_some_and(|error| error.contains(expected)),
                    "{error:?}"
                ),
                None => assert_eq!(error, None),
            }
        }
    }
}
