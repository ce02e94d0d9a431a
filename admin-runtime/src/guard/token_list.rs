//! Tokens as lines of text, and a list of them that can be replaced.

use std::sync::{Arc, Mutex};

use super::authenticator::Authenticator;
use super::token::Token;
use crate::endpoint::Effect;
use crate::sync::lock;

/// How many lines a message names that cannot be used.
const MAX_TOLD_PROBLEMS: usize = 5;

const NO_TOKEN: &str = "it has no token: expected lines NAME EFFECT SECRET";

/// The tokens of one source, which may be others later.
#[derive(Debug)]
pub(crate) struct TokenList(Mutex<Arc<[Token]>>);

impl TokenList {
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        Self(Mutex::new(tokens.into()))
    }

    pub(crate) fn tokens(&self) -> Arc<[Token]> {
        Arc::clone(&lock(&self.0))
    }

    /// The names of the tokens whose secrets others can guess.
    pub(crate) fn tokens_to_guess(&self) -> Vec<String> {
        names_of_tokens_to_guess(&self.tokens())
    }

    pub(crate) fn replace(&self, tokens: Vec<Token>) {
        *lock(&self.0) = tokens.into();
    }
}

pub(super) fn names_of_tokens_to_guess(tokens: &[Token]) -> Vec<String> {
    let short = tokens.iter().filter(|token| token.can_be_guessed());
    short
        .map(|token| token.identity().name().to_owned())
        .collect()
}

/// The tokens of a text with lines `NAME EFFECT SECRET`, or of one word, a secret without a ceiling. A byte
/// order mark, CR, blank lines and lines that begin with `#` are ignored.
///
/// # Errors
///
/// The first mistakes and their lines; no secret is repeated.
pub(crate) fn parse_tokens(text: &str) -> Result<Vec<Token>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (line.trim(), number));
    let lines: Vec<(&str, usize)> = lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let tokens: Vec<Token> = match lines.as_slice() {
        [] => return Err(NO_TOKEN.to_owned()),
        [(word, number)] if !word.contains(char::is_whitespace) => {
            if has_effect_between_separators(word) {
                return Err(format!(
                    "line {number} is one word with an effect in it: expected NAME EFFECT SECRET with blanks between them"
                ));
            }
            let token = Token::new("token", *word);
            token_problem(&token, *number).map_or(Ok(vec![token]), Err)?
        }
        lines => {
            let parsed = lines.iter().map(|(line, number)| parse_line(line, *number));
            let (tokens, problems): (Vec<_>, Vec<_>) = parsed.partition(Result::is_ok);
            let mut problems: Vec<_> = problems.into_iter().filter_map(Result::err).collect();
            if !problems.is_empty() {
                let more = problems.len().saturating_sub(MAX_TOLD_PROBLEMS);
                problems.truncate(MAX_TOLD_PROBLEMS);
                let more = (more > 0).then(|| format!("{more} more lines cannot be used"));
                problems.extend(more);
                return Err(problems.join("; "));
            }
            tokens.into_iter().filter_map(Result::ok).collect()
        }
    };
    problem_of_two(&tokens).map_or(Ok(tokens), Err)
}

/// The secret that a client sends which reads a token file as a server does: that of the first token.
///
/// The text is what [`Builder::token_file`](crate::Builder::token_file) accepts.
///
/// # Errors
///
/// The first mistakes and their lines; no secret is repeated.
///
/// ```
/// use admin_runtime::auth::first_secret;
///
/// let text = "# of the workers\nworkers write s3cret\nprometheus read t0ken\n";
/// assert_eq!(first_secret(text)?, "s3cret");
/// assert_eq!(first_secret("t0ken\n")?, "t0ken");
/// let error = first_secret("workers s3cret").unwrap_err();
/// assert_eq!(error, "line 1 is not NAME EFFECT SECRET, three words");
/// # Ok::<(), String>(())
/// ```
pub fn first_secret(text: &str) -> Result<String, String> {
    let tokens = parse_tokens(text)?;
    let first = tokens.first().map(|token| token.secret().to_owned());
    first.ok_or_else(|| NO_TOKEN.to_owned())
}

/// Whether a word was meant as `NAME EFFECT SECRET`: as a secret without a ceiling it would permit more.
fn has_effect_between_separators(word: &str) -> bool {
    let mut parts = word.split([':', ',', ';', '=', '|', '/']);
    parts.any(|part| effect_named(part).is_some())
}

fn effect_named(word: &str) -> Option<Effect> {
    let effects = [Effect::Read, Effect::Write, Effect::Dangerous];
    effects.into_iter().find(|effect| effect.as_str() == word)
}

fn parse_line(line: &str, number: usize) -> Result<Token, String> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(effect), Some(secret), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(format!(
            "line {number} is not NAME EFFECT SECRET, three words"
        ));
    };
    let effect = effect_named(effect).ok_or_else(|| {
        // Not repeated: where columns are swapped, it is the secret.
        format!(
            "line {number}: the second word is not an effect: expected read, write or dangerous"
        )
    })?;
    let token = Token::new(name, secret).with_max_effect(effect);
    token_problem(&token, number).map_or(Ok(token), Err)
}

fn token_problem(token: &Token, number: usize) -> Option<String> {
    let problem = token.problem()?;
    Some(format!("line {number}: {problem}"))
}

fn problem_of_two(tokens: &[Token]) -> Option<String> {
    let mut tokens = tokens
        .iter()
        .enumerate()
        .map(|(at, token)| (&tokens[..at], token));
    tokens.find_map(|(earlier, token)| earlier.iter().find_map(|other| other.problem_beside(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        let tokens = parse_tokens(text)?;
        Ok(tokens.iter().map(|token| format!("{token:?}")).collect())
    }

    #[test]
    fn lines_are_name_effect_and_secret() {
        let text = "\u{feff}# the team\r\nops dangerous s3cret\r\n\r\n  prometheus\tread  t0ken \n";
        let expected = [
            "Token(ops, dangerous: ******)",
            "Token(prometheus, read: ******)",
        ];
        assert_eq!(names(text).unwrap(), expected);
    }

    #[test]
    fn single_word_is_a_token_of_full_rights() {
        for text in [
            "s3cret",
            "s3cret\n",
            "\u{feff}s3cret\r\n",
            "# note\n\ns3cret\n",
        ] {
            assert_eq!(
                names(text).unwrap(),
                ["Token(token, dangerous: ******)"],
                "{text:?}"
            );
            assert!(
                parse_tokens(text).unwrap()[0].accepts(b"s3cret"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn invalid_files_say_the_line_without_the_secret() {
        for (text, problem) in [
            ("", "it has no token"),
            ("# only a note\n", "it has no token"),
            ("ops s3cret", "line 1 is not NAME EFFECT SECRET"),
            ("ops write s3cret more", "line 1 is not NAME EFFECT SECRET"),
            ("a read s3cret\nt0ken\n", "line 2 is not NAME EFFECT SECRET"),
            (
                "ops admin s3cret",
                "line 1: the second word is not an effect: expected read, write or dangerous",
            ),
            (
                "ops write s3cr\u{e9}t",
                "line 1: the secret has a character",
            ),
            (
                "ops write s3cret\nci read s3cret",
                "\"ci\" has the secret of \"ops\"",
            ),
            (
                "ops write s3cret\nops read t0ken",
                "two tokens have the name \"ops\"",
            ),
        ] {
            let error = parse_tokens(text).unwrap_err();
            assert!(error.starts_with(problem), "{text:?}: {error}");
            assert!(!error.contains("s3cr"), "{error}");
        }
    }
}
