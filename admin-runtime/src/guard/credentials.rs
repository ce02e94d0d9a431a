//! What a server accepts as credentials: tokens, and authenticators of the application.

use std::sync::Arc;

use http::{HeaderMap, header};

use super::async_authenticator::{AsyncAuthenticator, BoxedAuthenticator};
use super::authenticator::{Authenticator, Unauthenticated};
use super::identity::Identity;
use super::listener_policy::ListenerPolicy;
use super::token::{Token, bearer_secret};
use super::token_list::{TokenList, names_of_tokens_to_guess};
use crate::endpoint::Effect;

/// Alternatives: one that accepts a request suffices.
#[derive(Default)]
pub(crate) struct Credentials {
    tokens: Vec<Token>,
    lists: Vec<Arc<TokenList>>,
    authenticators: Vec<Box<dyn Authenticator>>,
    async_authenticators: Vec<Box<dyn BoxedAuthenticator>>,
}

impl Credentials {
    /// Adds a token.
    ///
    /// # Errors
    ///
    /// What is wrong with it, alone or beside the others.
    pub(crate) fn add_token(&mut self, token: Token) -> Result<(), String> {
        let problem = token.problem().or_else(|| self.problem_beside(&token));
        self.tokens.push(token);
        problem.map_or(Ok(()), Err)
    }

    /// Adds the tokens of a file.
    ///
    /// # Errors
    ///
    /// What is wrong with one of them beside the others.
    pub(crate) fn add_list(&mut self, list: Arc<TokenList>) -> Result<(), String> {
        let tokens = list.tokens();
        let problem = tokens.iter().find_map(|token| self.problem_beside(token));
        self.lists.push(list);
        problem.map_or(Ok(()), Err)
    }

    /// What a token shares with one that was added before.
    fn problem_beside(&self, token: &Token) -> Option<String> {
        let listed = self.lists.iter().map(|list| list.tokens());
        let of_token = |other: &Token| other.problem_beside(token);
        let own = self.tokens.iter().find_map(of_token);
        own.or_else(|| {
            listed
                .into_iter()
                .find_map(|list| list.iter().find_map(of_token))
        })
    }

    pub(crate) fn add_authenticator(&mut self, authenticator: impl Authenticator) {
        self.authenticators.push(Box::new(authenticator));
    }

    pub(crate) fn add_async_authenticator(&mut self, authenticator: impl AsyncAuthenticator) {
        self.async_authenticators.push(Box::new(authenticator));
    }

    /// Whether requests need credentials.
    pub(crate) fn are_required(&self) -> bool {
        let are_none = self.tokens.is_empty() && self.lists.is_empty();
        self.are_async() || !(are_none && self.authenticators.is_empty())
    }

    /// Whether some of them have to be waited for.
    pub(crate) fn are_async(&self) -> bool {
        !self.async_authenticators.is_empty()
    }

    /// The caller that these headers prove to those who have to be waited for, one after the other.
    pub(crate) async fn ask(&self, headers: &HeaderMap) -> Option<Identity> {
        for authenticator in &self.async_authenticators {
            if let Ok(identity) = authenticator.ask(headers).await {
                return Some(identity);
            }
        }
        None
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

    /// The names of the tokens whose secrets others can guess.
    pub(crate) fn tokens_to_guess(&self) -> Vec<String> {
        let mut names = names_of_tokens_to_guess(&self.tokens);
        names.extend(self.lists.iter().flat_map(|list| list.tokens_to_guess()));
        names
    }

    /// Who may do what over a listener, on one line, for the log; `public` are the paths of the reads that
    /// are answered without credentials.
    pub(crate) fn access_summary(&self, policy: &ListenerPolicy, public: &[&str]) -> String {
        let mut callers: Vec<_> = policy.trusted_users().into_iter().collect();
        callers.extend(policy.certified_clients());
        if self.are_required() {
            callers.extend(self.callers(policy.max_effect));
        } else if policy.client_names.is_none() {
            callers.push(policy.access_without_credentials());
        }
        if self.needs_credentials(policy) && !public.is_empty() {
            callers.push(public_access(public));
        }
        callers.join(", ")
    }

    /// Whether requests over a listener need credentials.
    pub(crate) fn needs_credentials(&self, policy: &ListenerPolicy) -> bool {
        self.are_required() || policy.client_names.is_some()
    }

    /// Every token with its ceiling, which is not above that of the listener.
    fn callers(&self, max_effect: Effect) -> Vec<String> {
        let listed = self.lists.iter().flat_map(|list| list.tokens().to_vec());
        let tokens = self.tokens.iter().cloned().chain(listed);
        let callers = tokens.map(|token| {
            let (name, effect) = (token.identity().name(), token.identity().max_effect());
            format!("{name} ({})", effect.min(max_effect))
        });
        let own = self.authenticators.len() + self.async_authenticators.len();
        let own = (0..own).map(|_| "callers of an authenticator".to_owned());
        callers.chain(own).collect()
    }
}

/// Longest list of paths in the log.
const MAX_SHOWN_PATHS: usize = 12;

fn public_access(paths: &[&str]) -> String {
    let shown = &paths[..paths.len().min(MAX_SHOWN_PATHS)];
    let more = match paths.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("anyone (read {}{more})", shown.join(" "))
}

/// Whether a request says who sent it.
pub(crate) fn presents_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Exposure;

    #[test]
    fn summary_names_who_may_do_what() {
        let mut credentials = Credentials::default();
        let loopback = ListenerPolicy::without_socket(Exposure::Loopback);
        let network = ListenerPolicy::without_socket(Exposure::Network);
        let summary = credentials.access_summary(&loopback, &["/livez"]);
        assert_eq!(summary, "anyone on this machine (dangerous)");
        assert_eq!(credentials.access_summary(&network, &[]), "anyone (read)");
        let socket = ListenerPolicy {
            trusted_uids: vec![1000],
            ..ListenerPolicy::without_socket(Exposure::UnixSocket)
        };
        let summary = credentials.access_summary(&socket, &[]);
        assert_eq!(summary, "root, uid 1000 (dangerous), others (read)");
        let scraper = Token::new("prometheus", "t0ken").with_max_effect(Effect::Read);
        credentials.add_token(scraper).unwrap();
        let listed = TokenList::new(vec![Token::new("ops", "s3cret")]);
        credentials.add_list(Arc::new(listed)).unwrap();
        credentials.add_authenticator(Token::new("own", "x"));
        let summary = credentials.access_summary(&network, &[]);
        let expected = "prometheus (read), ops (dangerous), callers of an authenticator";
        assert_eq!(summary, expected);
        let limited = ListenerPolicy {
            max_effect: Effect::Write,
            ..network
        };
        let summary = credentials.access_summary(&limited, &[]);
        assert_eq!(
            summary,
            "prometheus (read), ops (write), callers of an authenticator"
        );
        let summary = credentials.access_summary(&limited, &["/livez", "/readyz"]);
        assert!(
            summary.ends_with("of an authenticator, anyone (read /livez /readyz)"),
            "{summary}"
        );
        let summary = credentials.access_summary(&limited, &["/x"; 15]);
        assert!(summary.ends_with("/x /x and 3 more)"), "{summary}");
        assert_eq!(credentials.tokens_to_guess(), ["prometheus", "ops"]);
    }
}
