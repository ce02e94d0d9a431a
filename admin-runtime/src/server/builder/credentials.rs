//! Who may call the server.

use std::path::PathBuf;

use super::{Builder, TokenFile};
use crate::endpoint::Effect;
use crate::guard::{AsyncAuthenticator, Authenticator, Token};

impl Builder {
    /// Demands `Authorization: Bearer SECRET` of every request; the name is in the audit line. Of several
    /// tokens and authenticators one suffices. Such a token has no ceiling.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let secret = "s3cret\n"; // as read from a file
    /// let error = AdminServer::builder().token("ops", secret).build().unwrap_err();
    /// assert!(error.problems()[0].to_string().ends_with("write `secret.trim()`"));
    /// ```
    pub fn token(self, name: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with_token("token(..)", Token::new(name, secret))
    }

    /// As [`token`](Self::token), with a ceiling: requests of a higher effect are answered with 403. A
    /// ceiling of `read` permits sensitive reads too, such as `/config` and `/audit`.
    ///
    /// ```standalone_crate
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::describe::Effect;
    /// # use admin_runtime::admin_endpoint;
    /// # #[admin_endpoint(path = "/jobs")] fn jobs() -> String { "3".into() }
    /// # #[admin_endpoint(method = "POST", path = "/jobs")] fn set() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder()
    ///     .token("ops", "s3cret")
    ///     .token_with("prometheus", "t0ken", Effect::Read)
    ///     .build()?;
    /// let client = server.test_client();
    /// let scraper = "Bearer t0ken";
    /// assert_eq!(client.get("/jobs").header("authorization", scraper).await.status(), 200);
    /// assert_eq!(client.post("/jobs").header("authorization", scraper).await.status(), 403);
    /// assert_eq!(client.post("/jobs").header("authorization", "Bearer s3cret").await.status(), 204);
    /// # Ok(())
    /// # }
    /// ```
    pub fn token_with(
        self,
        name: impl Into<String>,
        secret: impl Into<String>,
        max_effect: Effect,
    ) -> Self {
        let token = Token::new(name, secret).with_max_effect(max_effect);
        self.with_token("token_with(..)", token)
    }

    /// Accepts the tokens of a file: lines `NAME EFFECT SECRET`, where the effect is the ceiling (`read`,
    /// `write` or `dangerous`), and `#` comments. A file of one word is one token without a ceiling with
    /// the name `token`. A byte order mark and CR LF are ignored.
    ///
    /// It is read now, and a server that runs reads it again every 10 s: new content replaces the
    /// tokens as a whole, and content that cannot be used leaves them as they are and is logged. A
    /// mounted server reads it once.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().token_file("/nonexistent/tokens");
    /// let problem = builder.build().unwrap_err().problems()[0].to_string();
    /// assert!(problem.starts_with("token_file(\"/nonexistent/tokens\"): "), "{problem}");
    /// ```
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        match TokenFile::read(&path) {
            Ok(file) => {
                if let Err(reason) = self.credentials.add_list(file.list()) {
                    self.reject(&format!("token_file({path:?})"), reason);
                }
                self.token_files.push(file);
            }
            Err(reason) => self.reject(&format!("token_file({path:?})"), reason),
        }
        self
    }

    /// Asks this authenticator about every request. Of several tokens and authenticators one suffices.
    ///
    /// ```standalone_crate
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::auth::Token;
    /// # use admin_runtime::admin_endpoint;
    /// # #[admin_endpoint(path = "/ping")] fn ping() -> &'static str { "pong" }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let builder = AdminServer::builder().token("ci", "t0ken");
    /// let server = builder.authenticator(Token::new("ops", "s3cret")).build()?;
    /// for header in ["Bearer t0ken", "Bearer s3cret"] {
    ///     let reply = server.test_client().get("/ping").header("authorization", header).await;
    ///     assert_eq!(reply.text(), "pong");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        if let Some(reason) = authenticator.problem() {
            self.reject("authenticator(..)", reason);
        }
        self.credentials.add_authenticator(authenticator);
        self
    }

    /// As [`authenticator`](Self::authenticator), for one that waits: see
    /// [`AsyncAuthenticator`](crate::auth::AsyncAuthenticator).
    ///
    /// ```
    /// use admin_runtime::auth::{AsyncAuthenticator, Identity, Unauthenticated};
    /// use admin_runtime::{AdminServer, HeaderMap};
    ///
    /// struct NotConfigured;
    ///
    /// impl AsyncAuthenticator for NotConfigured {
    ///     async fn authenticate(&self, _: &HeaderMap) -> Result<Identity, Unauthenticated> {
    ///         Err(Unauthenticated::new())
    ///     }
    ///
    ///     fn problem(&self) -> Option<String> {
    ///         Some("the address of the directory is missing".to_owned())
    ///     }
    /// }
    ///
    /// let builder = AdminServer::builder().async_authenticator(NotConfigured);
    /// let problem = builder.build().unwrap_err().problems()[0].to_string();
    /// assert_eq!(problem, "async_authenticator(..): the address of the directory is missing");
    /// ```
    pub fn async_authenticator(mut self, authenticator: impl AsyncAuthenticator) -> Self {
        if let Some(reason) = authenticator.problem() {
            self.reject("async_authenticator(..)", reason);
        }
        self.credentials.add_async_authenticator(authenticator);
        self
    }

    /// Answers reads of these endpoints without credentials: paths as declared, with a method before them
    /// (`GET /loglevel`) or with `*` at the end for all that begin so (`/readyz*`). The log names them at start. Writes and sensitive reads need credentials nevertheless, and wrong credentials
    /// are refused; a pattern that matches nothing else is a problem of `build()`. Without tokens and
    /// authenticators it changes nothing.
    ///
    /// ```standalone_crate
    /// use admin_runtime::AdminServer;
    /// # use admin_runtime::admin_endpoint;
    /// # #[admin_endpoint(path = "/ping")] fn ping() -> &'static str { "pong" }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder().token("ops", "s3cret").public(["/ping"]).build()?;
    /// assert_eq!(server.test_client().get("/ping").await.text(), "pong");
    /// assert_eq!(server.test_client().get("/").await.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
    pub fn public<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.public.extend(patterns.into_iter().map(Into::into));
        self
    }

    fn with_token(mut self, setting: &str, token: Token) -> Self {
        if let Err(reason) = self.credentials.add_token(token) {
            self.reject(setting, reason);
        }
        self
    }
}
