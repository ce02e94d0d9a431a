//! TLS of one listener: its files, and the configuration that new connections get.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use metrics::{describe_gauge, gauge};
use rustls::ServerConfig;

use super::options::TlsOptions;
use super::server_config::{BuiltConfig, TlsContents, server_config};
use crate::sync::lock;
use crate::watched_files::{ContentChange, WatchedFiles};

const NOT_AFTER: &str = "admin_tls_not_after_seconds";

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
    files: WatchedFiles,
    is_certificate_optional: bool,
    config: Arc<TlsConfig>,
    not_after: i64,
    /// Whether the log has said that the certificate has ended.
    is_end_logged: bool,
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
        let (files, contents) = WatchedFiles::read(paths)?;
        let built = server_config(contents_of(&contents, is_certificate_optional))?;
        describe_gauge!(
            NOT_AFTER,
            "When the certificate of a listener ends, in seconds since 1970"
        );
        let files = Self {
            listener: listener.to_owned(),
            files,
            is_certificate_optional,
            config: Arc::new(TlsConfig(Mutex::new(built.config))),
            not_after: built.not_after,
            is_end_logged: false,
        };
        files.record();
        Ok(files)
    }

    pub(crate) fn config(&self) -> Arc<TlsConfig> {
        Arc::clone(&self.config)
    }

    pub(crate) fn listener(&self) -> &str {
        &self.listener
    }

    /// Reads the files again. What cannot be used is returned once.
    pub(crate) fn reload(&mut self) -> TlsReload {
        let change = self.files.check();
        let reload = match change {
            ContentChange::Unchanged => TlsReload::Unchanged,
            ContentChange::Changing => TlsReload::Changing,
            ContentChange::Unreadable(reason) => TlsReload::Refused(reason),
            ContentChange::Changed(contents) => {
                match server_config(contents_of(&contents, self.is_certificate_optional)) {
                    Ok(BuiltConfig { config, not_after }) => {
                        *lock(&self.config.0) = config;
                        self.not_after = not_after;
                        self.is_end_logged = false;
                        TlsReload::Replaced
                    }
                    Err(reason) => TlsReload::Refused(reason),
                }
            }
        };
        self.record(); // again, since metrics can be reset
        reload
    }

    /// Whether the certificate has ended and the caller has not been told.
    pub(crate) fn has_newly_ended(&mut self, unix_seconds: u64) -> bool {
        let has_ended = i64::try_from(unix_seconds).is_ok_and(|now| now > self.not_after);
        has_ended && !std::mem::replace(&mut self.is_end_logged, true)
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^53")]
    fn record(&self) {
        gauge!(NOT_AFTER, "listener" => self.listener.clone()).set(self.not_after as f64);
    }
}

/// In the order of the paths.
fn contents_of(contents: &[String], is_certificate_optional: bool) -> TlsContents<'_> {
    let text = |at: usize| contents.get(at).map(String::as_str);
    TlsContents {
        certificates: text(0).unwrap_or_default(),
        key: text(1).unwrap_or_default(),
        client_ca: text(2),
        is_certificate_optional,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

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
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
            params.not_after = date_time_ymd(year, 1, 1);
            let options = self.options();
            let certificate = params.self_signed(&key).unwrap();
            fs::write(options.certificates, certificate.pem()).unwrap();
            fs::write(options.key, key.serialize_pem()).unwrap();
        }
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
        assert_eq!(files.reload(), TlsReload::Unchanged);
        let old_key = fs::read(folder.options().key).unwrap();
        folder.write(2101);
        let new_key = fs::read(folder.options().key).unwrap();
        // As if the key was written later than the certificate.
        fs::write(folder.options().key, old_key).unwrap();
        assert_eq!(files.reload(), TlsReload::Changing);
        assert!(
            matches!(files.reload(), TlsReload::Refused(reason) if reason.contains("certificate and key"))
        );
        assert_eq!(files.reload(), TlsReload::Unchanged, "reported once");
        assert!(is_first());
        fs::write(folder.options().key, new_key).unwrap();
        assert_eq!(files.reload(), TlsReload::Changing);
        assert!(is_first());
        assert_eq!(files.reload(), TlsReload::Replaced);
        assert!(!is_first());
        fs::remove_file(folder.options().key).unwrap();
        assert!(matches!(files.reload(), TlsReload::Refused(reason) if reason.contains("tls.key")));
    }

    #[test]
    fn the_end_of_a_certificate_is_told_once() {
        let folder = Folder::new("end");
        folder.write(2001);
        let mut files = TlsFiles::read("here", &folder.options(), false).unwrap();
        let end = 978_307_200; // 2001-01-01
        assert!(!files.has_newly_ended(end));
        assert!(files.has_newly_ended(end + 1));
        assert!(!files.has_newly_ended(end + 2));
        folder.write(2002);
        assert_eq!(files.reload(), TlsReload::Changing);
        assert_eq!(files.reload(), TlsReload::Replaced);
        assert!(!files.has_newly_ended(end + 2));
    }
}
