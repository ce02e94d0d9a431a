//! Routing: from a request's path and method to one endpoint.
//!
//! A tree of segments, because no published router has both rules of the contract: each
//! segment is decoded before it is compared, and a literal that lacks the method yields to a
//! parameter that has it. A lookup costs one hash per segment, however many endpoints there are,
//! and one for the whole path if it is a literal that has the method.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::endpoint::{Method, PathPattern, Segment};

const METHODS: usize = Method::ALL.len();

/// The paths of a server, each with its endpoints by method.
#[derive(Debug)]
pub(crate) struct Router<E> {
    root: RouteNode<E>,
    /// The paths without parameters, each whole: where one has the method, the tree finds it first.
    literals: HashMap<Box<str>, [Option<E>; METHODS]>,
}

#[derive(Debug)]
struct RouteNode<E> {
    literals: HashMap<Box<str>, RouteNode<E>>,
    parameter: Option<Box<RouteNode<E>>>,
    endpoints: [Option<E>; METHODS],
}

/// The endpoint that answers a request, and the decoded values of its path's parameters, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matched<E> {
    pub(crate) endpoint: E,
    pub(crate) params: Vec<String>,
}

/// Why no endpoint answers a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RouteError {
    /// The path is known; these methods have an endpoint.
    MethodNotAllowed(Vec<Method>),
    /// No endpoint has this path.
    NotFound,
    /// A segment is not UTF-8 once decoded.
    NotUtf8 {
        /// Whether an endpoint has a parameter in its place.
        in_parameter: bool,
    },
}

// By hand: the derived ones would ask `E: Default`.
impl<E> Default for RouteNode<E> {
    fn default() -> Self {
        Self {
            literals: HashMap::new(),
            parameter: None,
            endpoints: [const { None }; METHODS],
        }
    }
}

impl<E> Default for Router<E> {
    fn default() -> Self {
        Self {
            root: RouteNode::default(),
            literals: HashMap::new(),
        }
    }
}

impl<E: Clone> Router<E> {
    /// Adds an endpoint.
    ///
    /// # Errors
    ///
    /// The endpoint that has this method and this path up to the names of its parameters.
    pub(crate) fn insert(
        &mut self,
        pattern: &PathPattern<'_>,
        method: Method,
        endpoint: E,
    ) -> Result<(), E> {
        let mut node = &mut self.root;
        for segment in pattern.segments() {
            node = match segment {
                Segment::Literal(text) => node.literals.entry((*text).into()).or_default(),
                Segment::Parameter(_) => node.parameter.get_or_insert_default(),
            };
        }
        if let Some(taken) = &node.endpoints[method as usize] {
            return Err(taken.clone());
        }
        node.endpoints[method as usize] = Some(endpoint.clone());
        if let Some(path) = whole_literal(pattern) {
            let endpoints = self
                .literals
                .entry(path)
                .or_insert([const { None }; METHODS]);
            endpoints[method as usize] = Some(endpoint);
        }
        Ok(())
    }

    /// Finds the endpoint for a raw path, without its leading slash; `None` is a method
    /// that no endpoint can have.
    pub(crate) fn lookup(
        &self,
        method: Option<Method>,
        path: &str,
    ) -> Result<Matched<E>, RouteError> {
        let literal = self.literals.get(path);
        match literal.and_then(|endpoints| endpoint_for(method?, endpoints)) {
            Some(endpoint) => Ok(Matched {
                endpoint: endpoint.clone(),
                params: Vec::new(),
            }),
            None => self.search(method, path),
        }
    }

    fn search(&self, method: Option<Method>, path: &str) -> Result<Matched<E>, RouteError> {
        let mut search = Search {
            method,
            params: Vec::new(),
            allowed: [false; METHODS],
        };
        let found = if path.is_empty() {
            search.accept(&self.root)
        } else {
            search
                .walk(&self.root, path)
                .map_err(|NotUtf8 { in_parameter }| RouteError::NotUtf8 { in_parameter })?
        };
        match found {
            Some(endpoint) => Ok(Matched {
                endpoint: endpoint.clone(),
                params: search.params,
            }),
            None => Err(search.not_found()),
        }
    }
}

/// A path as a request sends it, if it has no parameter; a pattern contains no `%`.
fn whole_literal(pattern: &PathPattern<'_>) -> Option<Box<str>> {
    let segments = pattern.segments().iter().map(|segment| match segment {
        Segment::Literal(text) => Some(*text),
        Segment::Parameter(_) => None,
    });
    let segments: Vec<_> = segments.collect::<Option<_>>()?;
    Some(segments.join("/").into())
}

/// The endpoint for the method; `HEAD` is answered by `GET` where it has none.
fn endpoint_for<E>(method: Method, endpoints: &[Option<E>; METHODS]) -> Option<&E> {
    let endpoint = |method: Method| endpoints[method as usize].as_ref();
    match method {
        Method::Head => endpoint(Method::Head).or_else(|| endpoint(Method::Get)),
        method => endpoint(method),
    }
}

/// A segment that is not UTF-8 once decoded.
struct NotUtf8 {
    in_parameter: bool,
}

struct Search {
    method: Option<Method>,
    params: Vec<String>,
    allowed: [bool; METHODS],
}

impl Search {
    /// Depth first, the literal before the parameter.
    fn walk<'r, E>(
        &mut self,
        node: &'r RouteNode<E>,
        rest: &str,
    ) -> Result<Option<&'r E>, NotUtf8> {
        let (segment, rest) = match rest.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (rest, None),
        };
        let segment = if segment.contains('%') {
            percent_decode_str(segment)
                .decode_utf8()
                .map_err(|_| NotUtf8 {
                    in_parameter: node.parameter.is_some(),
                })?
        } else {
            Cow::Borrowed(segment)
        };
        let step = |search: &mut Self, node: &'r RouteNode<E>| match rest {
            Some(rest) => search.walk(node, rest),
            None => Ok(search.accept(node)),
        };
        if let Some(literal) = node.literals.get(&*segment)
            && let Some(found) = step(self, literal)?
        {
            return Ok(Some(found));
        }
        match &node.parameter {
            Some(parameter) if !segment.is_empty() => {
                self.params.push(segment.into_owned());
                let found = step(self, parameter)?;
                if found.is_none() {
                    self.params.pop();
                }
                Ok(found)
            }
            _ => Ok(None),
        }
    }

    /// The endpoint of this node for the method.
    fn accept<'r, E>(&mut self, node: &'r RouteNode<E>) -> Option<&'r E> {
        for (allowed, endpoint) in self.allowed.iter_mut().zip(&node.endpoints) {
            *allowed |= endpoint.is_some();
        }
        endpoint_for(self.method?, &node.endpoints)
    }

    fn not_found(mut self) -> RouteError {
        self.allowed[Method::Head as usize] |= self.allowed[Method::Get as usize];
        let allowed = Method::ALL.iter().copied();
        let allowed: Vec<_> = allowed
            .filter(|method| self.allowed[*method as usize])
            .collect();
        if allowed.is_empty() {
            RouteError::NotFound
        } else {
            RouteError::MethodNotAllowed(allowed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[(Method, &str)]) -> Router<usize> {
        let mut router = Router::default();
        for (index, (method, path)) in routes.iter().enumerate() {
            router
                .insert(&PathPattern::parse(path).unwrap(), *method, index)
                .unwrap();
        }
        router
    }

    fn found(endpoint: usize, params: &[&str]) -> Result<Matched<usize>, RouteError> {
        let params = params.iter().map(|value| (*value).to_owned()).collect();
        Ok(Matched { endpoint, params })
    }

    #[test]
    fn matches_exactly() {
        let router = router(&[
            (Method::Get, "/"),
            (Method::Get, "/env"),
            (Method::Get, "/a/{x}"),
        ]);
        let find = |path| router.lookup(Some(Method::Get), path);
        assert_eq!(find(""), found(0, &[]));
        assert_eq!(find("env"), found(1, &[]));
        assert_eq!(find("a/1"), found(2, &["1"]));
        for path in ["env/", "/env", "ENV", "a", "a/", "a//", "a/1/", "nope", "/"] {
            assert_eq!(find(path), Err(RouteError::NotFound), "{path:?}");
        }
    }

    #[test]
    fn decodes_each_segment_once() {
        let router = router(&[(Method::Get, "/env"), (Method::Get, "/t/{name}")]);
        let find = |path| router.lookup(Some(Method::Get), path);
        assert_eq!(find("%65nv"), found(0, &[]));
        assert_eq!(find("t/a%2Fb"), found(1, &["a/b"]));
        assert_eq!(find("t/%2541"), found(1, &["%41"]));
        let not_utf8 = |in_parameter| Err(RouteError::NotUtf8 { in_parameter });
        assert_eq!(find("t/%ff"), not_utf8(true));
        assert_eq!(find("%ff"), not_utf8(false));
        assert_eq!(find("t/a+b"), found(1, &["a+b"]));
    }

    #[test]
    fn a_literal_without_the_method_yields() {
        let router = router(&[
            (Method::Get, "/a/{x}"),
            (Method::Post, "/a/b"),
            (Method::Delete, "/a/{y}"),
            (Method::Get, "/{p}/b/c"),
        ]);
        assert_eq!(router.lookup(Some(Method::Post), "a/b"), found(1, &[]));
        assert_eq!(router.lookup(Some(Method::Get), "a/b"), found(0, &["b"]));
        assert_eq!(router.lookup(Some(Method::Get), "a/b/c"), found(3, &["a"]));
        let allowed = vec![Method::Get, Method::Head, Method::Post, Method::Delete];
        assert_eq!(
            router.lookup(Some(Method::Put), "a/b"),
            Err(RouteError::MethodNotAllowed(allowed.clone()))
        );
        assert_eq!(
            router.lookup(None, "a/b"),
            Err(RouteError::MethodNotAllowed(allowed))
        );
    }

    #[test]
    fn whole_literals_are_found_as_in_the_tree() {
        let router = router(&[
            (Method::Get, "/"),
            (Method::Get, "/a/{x}"),
            (Method::Post, "/a/b"),
            (Method::Get, "/a/b/c"),
            (Method::Put, "/{p}/b"),
            (Method::Get, "/d"),
            (Method::Head, "/d"),
        ]);
        let paths = [
            "", "a", "a/b", "a/b/c", "a/b/", "/a/b", "a//b", "%61/b", "a/%62", "100%25",
            "100%2525", "d", "d/",
        ];
        for path in paths {
            for method in Method::ALL.iter().copied().map(Some).chain([None]) {
                let found = router.lookup(method, path);
                assert_eq!(found, router.search(method, path), "{method:?} {path:?}");
            }
        }
    }

    #[test]
    fn head_is_answered_by_get() {
        let router = router(&[
            (Method::Get, "/a"),
            (Method::Get, "/b"),
            (Method::Head, "/b"),
        ]);
        assert_eq!(router.lookup(Some(Method::Head), "a"), found(0, &[]));
        assert_eq!(router.lookup(Some(Method::Head), "b"), found(2, &[]));
    }

    #[test]
    fn names_of_parameters_do_not_tell_paths_apart() {
        let mut router = router(&[(Method::Get, "/a/{x}")]);
        let other = PathPattern::parse("/a/{y}").unwrap();
        assert_eq!(router.insert(&other, Method::Get, 7), Err(0));
        assert_eq!(router.insert(&other, Method::Post, 7), Ok(()));
    }
}
