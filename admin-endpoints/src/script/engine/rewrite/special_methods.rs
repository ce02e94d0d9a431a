//! Names with two underscores that the engine honours.

/// Methods of a class that the engine calls as CPython does.
pub(super) const METHODS: [&str; 10] = [
    "__contains__",
    "__enter__",
    "__eq__",
    "__exit__",
    "__hash__",
    "__init__",
    "__iter__",
    "__next__",
    "__repr__",
    "__str__",
];

/// Methods that polyfills call for operators.
pub(super) const OPERATORS: [&str; 15] = [
    "__add__",
    "__floordiv__",
    "__mod__",
    "__mul__",
    "__neg__",
    "__pow__",
    "__radd__",
    "__rfloordiv__",
    "__rmod__",
    "__rmul__",
    "__rpow__",
    "__rsub__",
    "__rtruediv__",
    "__sub__",
    "__truediv__",
];

/// Methods that polyfills call for items.
pub(super) const ITEMS: [&str; 2] = ["__getitem__", "__setitem__"];

/// Attributes that can be read.
pub(super) const ATTRIBUTES: [&str; 3] = ["__class__", "__doc__", "__name__"];

pub(super) fn is_special(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}
