//! Routing: from a request's path and method to one endpoint.
//!
//! A tree of segments of its own, because no router knows both rules of the contract: each
//! segment is decoded before it is compared, and a literal that lacks the method gives way to a
//! parameter that has it. A lookup costs one hash per segment, however many endpoints there are.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::endpoint::{Method, PathPattern, Segment};

const METHODS: usize = Method::ALL.len();

/// The paths of a server; endpoints stand in it by their index in the registry.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<str>, Node>,
    parameter: Option<Box<Node>>,
    endpoints: [Option<usize>; METHODS],
}

/// What a path and a method lead to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// An endpoint and the decoded values of its path's parameters, in order.
    Found(usize, Vec<String>),
    /// The path is known; these methods have an endpoint.
    MethodNotAllowed(Vec<Method>),
    /// No endpoint has this path.
    NotFound,
    /// A segment is not UTF-8 once decoded.
    NotUtf8,
}

impl Lookup {
    /// The decoded values of the path's parameters, in order.
    pub(crate) fn into_values(self) -> Vec<String> {
        match self {
            Self::Found(_, values) => values,
            Self::MethodNotAllowed(_) | Self::NotFound | Self::NotUtf8 => Vec::new(),
        }
    }
}

impl Tree {
    /// Adds an endpoint, or gives the one that has its method and its path up to the names of
    /// parameters.
    pub(crate) fn insert(
        &mut self,
        pattern: &PathPattern<'_>,
        method: Method,
        endpoint: usize,
    ) -> Result<(), usize> {
        let mut node = &mut self.root;
        for segment in pattern.segments() {
            node = match segment {
                Segment::Literal(text) => node.literals.entry((*text).into()).or_default(),
                Segment::Parameter(_) => node.parameter.get_or_insert_default(),
            };
        }
        match node.endpoints[method as usize] {
            Some(taken) => Err(taken),
            None => {
                node.endpoints[method as usize] = Some(endpoint);
                Ok(())
            }
        }
    }

    /// Looks up a raw path, without its leading slash; `None` is a method that no endpoint can have.
    pub(crate) fn find(&self, method: Option<Method>, path: &str) -> Lookup {
        let mut search = Search {
            method,
            values: Vec::new(),
            allowed: [false; METHODS],
        };
        let found = if path.is_empty() {
            Ok(search.accept(&self.root))
        } else {
            search.walk(&self.root, path)
        };
        match found {
            Err(_) => Lookup::NotUtf8,
            Ok(Some(endpoint)) => Lookup::Found(endpoint, search.values),
            Ok(None) => {
                let allowed = search.allowed_methods();
                if allowed.is_empty() {
                    Lookup::NotFound
                } else {
                    Lookup::MethodNotAllowed(allowed)
                }
            }
        }
    }
}

struct Search {
    method: Option<Method>,
    values: Vec<String>,
    allowed: [bool; METHODS],
}

impl Search {
    /// Depth first, the literal before the parameter.
    fn walk(&mut self, node: &Node, rest: &str) -> Result<Option<usize>, std::str::Utf8Error> {
        let (segment, rest) = match rest.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (rest, None),
        };
        let segment = if segment.contains('%') {
            percent_decode_str(segment).decode_utf8()?
        } else {
            Cow::Borrowed(segment)
        };
        let step = |search: &mut Self, node: &Node| match rest {
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
                self.values.push(segment.into_owned());
                let found = step(self, parameter)?;
                if found.is_none() {
                    self.values.pop();
                }
                Ok(found)
            }
            _ => Ok(None),
        }
    }

    /// The endpoint of this node for the method; `HEAD` is answered by `GET` where it has none.
    fn accept(&mut self, node: &Node) -> Option<usize> {
        for (allowed, endpoint) in self.allowed.iter_mut().zip(&node.endpoints) {
            *allowed |= endpoint.is_some();
        }
        let endpoint = |method: Method| node.endpoints[method as usize];
        match self.method? {
            Method::Head => endpoint(Method::Head).or_else(|| endpoint(Method::Get)),
            method => endpoint(method),
        }
    }

    fn allowed_methods(mut self) -> Vec<Method> {
        self.allowed[Method::Head as usize] |= self.allowed[Method::Get as usize];
        Method::ALL
            .into_iter()
            .filter(|method| self.allowed[*method as usize])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(routes: &[(Method, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (index, (method, path)) in routes.iter().enumerate() {
            tree.insert(&PathPattern::parse(path).unwrap(), *method, index)
                .unwrap();
        }
        tree
    }

    fn found(index: usize, values: &[&str]) -> Lookup {
        Lookup::Found(
            index,
            values.iter().map(|value| (*value).to_owned()).collect(),
        )
    }

    #[test]
    fn matches_exactly() {
        let tree = tree(&[
            (Method::Get, "/"),
            (Method::Get, "/env"),
            (Method::Get, "/a/{x}"),
        ]);
        let find = |path| tree.find(Some(Method::Get), path);
        assert_eq!(find(""), found(0, &[]));
        assert_eq!(find("env"), found(1, &[]));
        assert_eq!(find("a/1"), found(2, &["1"]));
        for path in ["env/", "/env", "ENV", "a", "a/", "a//", "a/1/", "nope", "/"] {
            assert_eq!(find(path), Lookup::NotFound, "{path:?}");
        }
    }

    #[test]
    fn decodes_each_segment_once() {
        let tree = tree(&[(Method::Get, "/env"), (Method::Get, "/t/{name}")]);
        let find = |path| tree.find(Some(Method::Get), path);
        assert_eq!(find("%65nv"), found(0, &[]));
        assert_eq!(find("t/a%2Fb"), found(1, &["a/b"]));
        assert_eq!(find("t/%2541"), found(1, &["%41"]));
        assert_eq!(find("t/%ff"), Lookup::NotUtf8);
        assert_eq!(find("t/a+b"), found(1, &["a+b"]));
    }

    #[test]
    fn a_literal_gives_way_where_it_lacks_the_method() {
        let tree = tree(&[
            (Method::Get, "/a/{x}"),
            (Method::Post, "/a/b"),
            (Method::Delete, "/a/{y}"),
            (Method::Get, "/{p}/b/c"),
        ]);
        assert_eq!(tree.find(Some(Method::Post), "a/b"), found(1, &[]));
        assert_eq!(tree.find(Some(Method::Get), "a/b"), found(0, &["b"]));
        assert_eq!(tree.find(Some(Method::Get), "a/b/c"), found(3, &["a"]));
        let allowed = vec![Method::Get, Method::Head, Method::Post, Method::Delete];
        assert_eq!(
            tree.find(Some(Method::Put), "a/b"),
            Lookup::MethodNotAllowed(allowed.clone())
        );
        assert_eq!(tree.find(None, "a/b"), Lookup::MethodNotAllowed(allowed));
    }

    #[test]
    fn head_is_answered_by_get() {
        let tree = tree(&[
            (Method::Get, "/a"),
            (Method::Get, "/b"),
            (Method::Head, "/b"),
        ]);
        assert_eq!(tree.find(Some(Method::Head), "a"), found(0, &[]));
        assert_eq!(tree.find(Some(Method::Head), "b"), found(2, &[]));
    }

    #[test]
    fn names_of_parameters_do_not_tell_paths_apart() {
        let mut tree = tree(&[(Method::Get, "/a/{x}")]);
        let other = PathPattern::parse("/a/{y}").unwrap();
        assert_eq!(tree.insert(&other, Method::Get, 7), Err(0));
        assert_eq!(tree.insert(&other, Method::Post, 7), Ok(()));
    }
}
