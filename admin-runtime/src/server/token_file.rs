//! Files of tokens, which are read again when they change.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::guard::{TokenList, parse_tokens};
use crate::watched_files::{ContentChange, WatchedFiles};

/// A file of tokens and what the server accepts of it.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
    list: Arc<TokenList>,
    files: WatchedFiles,
}

/// What reading a file again has found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reload {
    Unchanged,
    /// New content, to be read once more.
    Changing,
    /// The server accepts these tokens now: how many.
    Replaced(usize),
    /// The new content cannot be used, and the tokens stay.
    Refused(String),
}

impl TokenFile {
    /// Reads it for the first time.
    ///
    /// # Errors
    ///
    /// Why it has no usable token.
    pub(super) fn read(path: impl Into<PathBuf>) -> Result<Self, String> {
        let path = path.into();
        let (files, contents) = WatchedFiles::read(vec![path.clone()])?;
        let list = Arc::new(TokenList::new(parse_tokens(&contents.concat())?));
        Ok(Self { path, list, files })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn list(&self) -> Arc<TokenList> {
        Arc::clone(&self.list)
    }

    /// Reads it again. What cannot be used is returned once.
    pub(super) fn reload(&mut self) -> Reload {
        match self.files.check() {
            ContentChange::Unchanged => Reload::Unchanged,
            ContentChange::Changing => Reload::Changing,
            ContentChange::Unreadable(reason) => Reload::Refused(reason),
            ContentChange::Changed(contents) => match parse_tokens(&contents.concat()) {
                Ok(tokens) => {
                    let count = tokens.len();
                    self.list.replace(tokens);
                    Reload::Replaced(count)
                }
                Err(reason) => Reload::Refused(reason),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A file that is removed with this.
    struct Written(PathBuf);

    impl Written {
        fn new(name: &str, text: &str) -> Self {
            let name = format!("admin-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::write(&path, text).unwrap();
            Self(path)
        }
    }

    impl Drop for Written {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn valid_content_replaces_the_tokens() {
        let written = Written::new("replaced", "ops write s3cret");
        let mut file = TokenFile::read(&written.0).unwrap();
        let list = file.list();
        assert_eq!(file.reload(), Reload::Unchanged);
        fs::write(&written.0, "a read t0ken\nb read t1ken\n").unwrap();
        assert_eq!(file.reload(), Reload::Changing);
        assert_eq!(list.tokens().len(), 1);
        assert_eq!(file.reload(), Reload::Replaced(2));
        assert_eq!(list.tokens().len(), 2);
        assert_eq!(file.reload(), Reload::Unchanged);
    }

    #[test]
    fn tokens_stay_while_the_file_is_invalid() {
        let written = Written::new("invalid", "s3cret");
        let mut file = TokenFile::read(&written.0).unwrap();
        let list = file.list();
        fs::write(&written.0, "").unwrap();
        assert_eq!(file.reload(), Reload::Changing);
        assert!(matches!(file.reload(), Reload::Refused(reason) if reason.contains("no token")));
        assert_eq!(file.reload(), Reload::Unchanged, "reported once");
        fs::remove_file(&written.0).unwrap();
        assert!(matches!(file.reload(), Reload::Refused(_)));
        assert_eq!(file.reload(), Reload::Unchanged, "reported once");
        assert_eq!(list.tokens().len(), 1);
        fs::write(&written.0, "t0ken").unwrap();
        assert_eq!(file.reload(), Reload::Changing);
        assert_eq!(file.reload(), Reload::Replaced(1));
    }

    #[test]
    fn content_that_still_changes_is_not_used() {
        let written = Written::new("changing", "s3cret");
        let mut file = TokenFile::read(&written.0).unwrap();
        for text in ["s3cret-is-lon", "s3cret-is-longer-now"] {
            fs::write(&written.0, text).unwrap();
            assert_eq!(file.reload(), Reload::Changing);
        }
        assert_eq!(file.reload(), Reload::Replaced(1));
    }

    #[test]
    fn half_written_content_is_not_used() {
        let whole = "prometheus read t0ken\nops dangerous s3cret\n";
        let written = Written::new("cut", whole);
        let mut file = TokenFile::read(&written.0).unwrap();
        fs::write(&written.0, "prometheus").unwrap();
        assert_eq!(file.reload(), Reload::Changing);
        assert!(
            matches!(file.reload(), Reload::Refused(reason) if reason.contains("half written"))
        );
        assert_eq!(file.reload(), Reload::Unchanged, "reported once");
        fs::write(&written.0, whole).unwrap();
        assert_eq!(file.reload(), Reload::Unchanged);
        fs::write(&written.0, "prometheus read t0ken\n").unwrap();
        assert_eq!(file.reload(), Reload::Changing);
        assert_eq!(file.reload(), Reload::Replaced(1), "a token is revoked");
    }

    #[test]
    fn other_content_is_refused() {
        let error = TokenFile::read("/dev").unwrap_err();
        assert_eq!(error, "it is not a regular file");
        assert!(TokenFile::read("/nonexistent/tokens").is_err());
        let long = Written::new("long", &"# note\n".repeat(1 << 18));
        assert!(
            TokenFile::read(&long.0)
                .unwrap_err()
                .contains("at most 1048576")
        );
    }
}
