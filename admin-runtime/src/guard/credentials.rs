//! What a server accepts as credentials: tokens, and authenticators of the application.

use std::sync::Arc;

use http::{HeaderMap, header};

use super::authenticator::{Authenticator, Unauthenticated};
use super::effect::Exposure;
use super::identity::Identity;
use super::token::{Token, bearer_secret};
use super::token_list::TokenList;

/// Alternatives: one that accepts a request suffices.
#[derive(Default)]
pub(crate) struct Credentials {
    tokens: Vec<Token>,
    lists: Vec<Arc<TokenList>>,
    authenticators: Vec<Box<dyn Authenticator>>,
}

impl Credentials {
    /// Adds a token.
    ///
    /// # Errors
    ///
    /// What is wrong with it, alone or beside the others.
    pub(crate) fn add_token(&mut self, token: Token) -> Result<(), String> {
        let problem = token.problem();
        let same = self.tokens.iter().find(|other| other.has_secret_of(&token));
        let shared = same.map(|other| {
            let name = other.identity().name();
            format!("the secret is that of the token {name:?} too: each token needs its own")
        });
        self.tokens.push(token);
        problem.or(shared).map_or(Ok(()), Err)
    }

    pub(crate) fn add_list(&mut self, list: Arc<TokenList>) {
        self.lists.push(list);
    }

    pub(crate) fn add_authenticator(&mut self, authenticator: impl Authenticator) {
        self.authenticators.push(Box::new(authenticator));
    }

    /// Whether requests need credentials.
    pub(crate) fn are_required(&self) -> bool {
        !(self.tokens.is_empty() && self.lists.is_empty() && self.authenticators.is_empty())
    }

    /// The caller that these headers prove.
    ///
    /// Every token is compared, so that the time does not tell which one is like the secret sent.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
        let mut found = None;
        if let Some(secret) = bearer_secret(headers) {
            let mut compare = |token: &Token| {
                if token.accepts(secret) {
                    found.get_or_insert_with(|| token.identity().clone());
                }
            };
            self.tokens.iter().for_each(&mut compare);
            for list in &self.lists {
                list.tokens().iter().for_each(&mut compare);
            }
        }
        let mut others = self.authenticators.iter();
        found
            .or_else(|| others.find_map(|other| other.authenticate(headers).ok()))
            .ok_or_else(Unauthenticated::new)
    }

    /// Who may do what, on one line, for the log.
    pub(crate) fn access_summary(&self, exposure: Exposure) -> String {
        if self.are_required() {
            return self.callers().join(", ");
        }
        let callers = match exposure {
            Exposure::Loopback => "anyone on this machine (dangerous)",
            Exposure::Network | Exposure::Mounted | Exposure::Proxied => "anyone (read)",
        };
        callers.to_owned()
    }

    /// Every token with its ceiling.
    fn callers(&self) -> Vec<String> {
        let listed = self.lists.iter().flat_map(|list| list.tokens().to_vec());
        let tokens = self.tokens.iter().cloned().chain(listed);
        let callers = tokens.map(|token| {
            let (name, effect) = (token.identity().name(), token.identity().max_effect());
            format!("{name} ({effect})")
        });
        let own = self.authenticators.iter();
        let own = own.map(|_| "callers of an authenticator".to_owned());
        callers.chain(own).collect()
    }
}

/// Whether a request says who sent it.
pub(crate) fn presents_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Effect;

    #[test]
    fn summary_names_who_may_do_what() {
        let mut credentials = Credentials::default();
        let loopback = credentials.access_summary(Exposure::Loopback);
        assert_eq!(loopback, "anyone on this machine (dangerous)");
        assert_eq!(
            credentials.access_summary(Exposure::Network),
            "anyone (read)"
        );
        let scraper = Token::new("prometheus", "t0ken").with_max_effect(Effect::Read);
        credentials.add_token(scraper).unwrap();
        let listed = TokenList::new(vec![Token::new("ops", "s3cret")]);
        credentials.add_list(Arc::new(listed));
        credentials.add_authenticator(Token::new("own", "x"));
        let summary = credentials.access_summary(Exposure::Network);
        let expected = "prometheus (read), ops (dangerous), callers of an authenticator";
        assert_eq!(summary, expected);
    }
}
