//! What the names of a source mean: built-ins, modules, and what the script defines.

mod visitor;

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::polyfilled::function_for;
use super::special_methods;
use crate::script::engine::polyfills::{self, Polyfills};

/// Names that a source binds and reads.
#[derive(Default)]
pub(super) struct SourceNames<'a> {
    bound: HashSet<&'a str>,
    loaded: HashSet<&'a str>,
    /// Attributes and methods that the script itself defines.
    defined: HashSet<&'a str>,
    /// Modules by the name under which they were imported.
    modules: HashMap<&'a str, &'a str>,
    from_modules: HashSet<&'a str>,
    /// Members of modules by the name under which they were imported.
    imported: HashMap<&'a str, &'a str>,
    /// Other names of `Path`.
    path_names: HashSet<&'a str>,
    hash_methods: Vec<TextRange>,
    /// Names of caught exceptions.
    caught: HashSet<&'a str>,
    /// Whether a set may exist.
    pub(super) has_sets: bool,
    /// Whether a live object may exist.
    pub(super) has_live_objects: bool,
    /// Whether a class of the script has operators.
    pub(super) has_operators: bool,
    /// Whether the script catches exceptions.
    pub(super) has_try: bool,
    /// Whether a date or a duration may exist.
    pub(super) has_dates: bool,
    /// Whether keys of a dict may be equal numbers of several types.
    pub(super) has_mixed_keys: bool,
    /// Whether a text may have U+001C to U+001F, which are whitespace in CPython only.
    pub(super) has_separators: bool,
    /// Attributes that are read.
    members: HashSet<&'a str>,
    /// Names of ranges.
    ranges: HashSet<&'a str>,
    /// Names of flags of regular expressions.
    flags: HashSet<&'a str>,
    /// Whether an infinity may exist, of which arithmetic makes nan.
    pub(super) has_infinity: bool,
    /// Whether a name becomes a value that contains what the name was, as in `node = {"next": node}`.
    nests_values: bool,
    has_classes: bool,
    /// Whether an exception may end an iteration.
    pub(super) has_stops: bool,
    /// Whether a named tuple may exist.
    pub(super) has_records: bool,
    /// Whether a `Counter` may exist.
    pub(super) has_counters: bool,
    /// Whether a path may exist.
    pub(super) has_paths: bool,
    /// Functions of the script.
    functions: HashSet<&'a str>,
    /// Where names are called.
    called: HashSet<TextSize>,
    /// Names that are read otherwise.
    read: HashSet<&'a str>,
    /// Whether a text may be one that the engine writes in another way, and the script reads it.
    pub(super) reads_texts: bool,
    /// Names that are put into another value.
    contained: HashSet<&'a str>,
    /// Names that become another name's value.
    copied: HashSet<&'a str>,
}

impl<'a> SourceNames<'a> {
    pub(super) fn new(body: &'a [Stmt]) -> Self {
        let mut names = Self::default();
        names.visit_body(body);
        let has = |name: &str| names.loaded.contains(name);
        names.has_live_objects = has("app");
        names.has_dates = names.modules.values().any(|module| *module == "datetime")
            || names.from_modules.contains("datetime");
        let mut operators = special_methods::OPERATORS.iter();
        names.has_operators = operators.any(|name| names.defines(name));
        names.has_sets |= has("set") || has("frozenset");
        names.has_mixed_keys |=
            names.has_live_objects || ["float", "round", "sum"].iter().any(|name| has(name));
        names.has_try |= names.has_live_objects;
        names.nests_values |= !names.contained.is_disjoint(&names.copied);
        names.reads_texts = names.nests_values
            || names.has_live_objects
            || names.has_classes
            || !names.functions.is_disjoint(&names.read);
        let has_member = |member: &str| names.imported.values().any(|name| *name == member);
        let reads_member = |member: &str| names.members.contains(member) || has_member(member);
        let stops = ["next", "StopIteration"].iter().any(|name| has(name));
        (
            names.has_stops,
            names.has_records,
            names.has_counters,
            names.has_paths,
        ) = (
            stops || names.members.contains("__next__"),
            reads_member("namedtuple"),
            reads_member("Counter"),
            reads_member("Path"),
        );
        names
    }

    /// Whether a name may be that of a caught exception.
    pub(super) fn may_be_caught(&self, name: &str) -> bool {
        self.caught.contains(name)
    }

    pub(super) fn catches_by_name(&self) -> bool {
        !self.caught.is_empty()
    }

    /// Whether annotations are not evaluated.
    pub(super) fn has_future_annotations(&self) -> bool {
        self.from_modules.contains("__future__") && self.imported.contains_key("annotations")
    }

    /// The member of a module that was imported under a name.
    pub(super) fn imported(&self, name: &str) -> Option<&'a str> {
        self.imported.get(name).copied()
    }

    /// Whether a name is that of a built-in everywhere.
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        !self.bound.contains(name)
    }

    /// Whether a function of this name is not one of the script.
    pub(super) fn is_plain(&self, name: &str) -> bool {
        self.is_builtin(name) && !self.defines(name)
    }

    pub(super) fn defines(&self, attribute: &str) -> bool {
        self.defined.contains(attribute)
    }

    /// Whether an iterator may exist that is read further after a loop ends.
    pub(super) fn has_iterators(&self) -> bool {
        [
            "iter",
            "next",
            "map",
            "filter",
            "zip",
            "enumerate",
            "reversed",
        ]
        .iter()
        .any(|name| self.loaded.contains(name))
    }

    /// `Path(...)` or `pathlib.Path(...)`
    pub(super) fn is_path(&self, call: &ast::ExprCall) -> bool {
        match &*call.func {
            Expr::Name(name) => {
                self.imported(&name.id) == Some("Path")
                    || self.path_names.contains(name.id.as_str())
            }
            Expr::Attribute(attribute) => attribute.attr.as_str() == "Path",
            _ => false,
        }
    }

    /// `json.dumps(...)`
    pub(super) fn is_json_dumps(&self, call: &ast::ExprCall) -> bool {
        let is_dumps = match &*call.func {
            Expr::Name(name) => name.id.as_str() == "dumps" && !self.is_builtin("dumps"),
            Expr::Attribute(attribute) => attribute.attr.as_str() == "dumps",
            _ => false,
        };
        is_dumps && !self.defines("dumps")
    }

    /// `print(file=sys.stderr)`: what is printed is one text.
    pub(super) fn is_stream_of(&self, keyword: &ast::Keyword, call: &ast::ExprCall) -> bool {
        let mut others = call.arguments.keywords.iter();
        let is_stream = keyword.arg.as_deref() == Some("file")
            && keyword.value.as_attribute_expr().is_some_and(|stream| {
                let owner = stream.value.as_name_expr();
                owner.and_then(|owner| self.module(&owner.id)) == Some("sys")
                    && matches!(stream.attr.as_str(), "stderr" | "stdout")
            });
        is_stream && others.all(|other| !matches!(other.arg.as_deref(), None | Some("flush")))
    }

    /// `re.I`, which the engine shows as a number.
    pub(super) fn is_flag(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Attribute(attribute) => {
                let owner = attribute.value.as_name_expr();
                let module = owner.and_then(|name| self.module(&name.id));
                let name = attribute.attr.as_str();
                module == Some("re") && name.chars().all(|c| c.is_ascii_uppercase())
            }
            Expr::Name(name) => self.flags.contains(name.id.as_str()),
            Expr::BinOp(operation) => {
                self.is_flag(&operation.left) || self.is_flag(&operation.right)
            }
            _ => false,
        }
    }

    pub(super) fn is_range(&self, name: &str) -> bool {
        self.ranges.contains(name)
    }

    pub(super) fn is_in_hash_method(&self, node: &impl Ranged) -> bool {
        let mut methods = self.hash_methods.iter();
        methods.any(|method| method.contains_range(node.range()))
    }

    /// The module that a name is, if it cannot be anything else.
    pub(super) fn module(&self, name: &str) -> Option<&'a str> {
        self.modules.get(name).copied()
    }

    /// The polyfill of `module.function`.
    pub(super) fn module_function(&self, attribute: &ast::ExprAttribute) -> Option<&'static str> {
        let owner = attribute.value.as_name_expr()?;
        function_for(self.module(&owner.id)?, &attribute.attr)
    }

    /// Built-ins whose polyfills have the same name.
    pub(super) fn shadowed_builtins(&self) -> Polyfills {
        let mut polyfills = Polyfills::default();
        for name in polyfills::builtins() {
            if self.loaded.contains(name) {
                polyfills.add_for(name);
            }
        }
        polyfills
    }
}
