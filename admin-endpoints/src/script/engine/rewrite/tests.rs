use ruff_python_parser::parse_module;

use super::*;

fn rewritten(source: &str) -> String {
    let allowed = ["json".into(), "math".into()];
    rewrite(source, &allowed, Operands::Plain).unwrap().source
}

#[test]
fn imports_that_are_not_allowed_become_calls() {
    let cases = [
        ("import json", "import json"),
        ("import os", "__import__('os')"),
        (
            "import json as j, os.path as p, math",
            "import json as j; __import__('os.path'); import math",
        ),
        ("from json import dumps", "from json import dumps"),
        ("from json import loads", "loads = __engine_json_loads__"),
        ("from os import *", "__import__('os')"),
        ("from . import x", "__import__('')"),
        ("from .json import x", "__import__('json')"),
        (
            "if a:\n  def f():\n    import os\n",
            "if a:\n  def f():\n    __import__('os')\n",
        ),
        (
            "try: import os\nexcept: pass",
            "try: __import__('os')\nexcept BaseException as __engine_handled__: __engine_handles__(__engine_handled__, 1); pass",
        ),
        ("from os import (\n  a,\n  b)\nx", "__import__('os')\nx"),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn percent_becomes_a_call_that_keeps_every_operand() {
    let cases = [
        ("x = 'a' % b", "x = __engine_percent__('a' , b)"),
        (
            "x = ('a') % (b, c)",
            "x = __engine_percent__(('a') , (b, c))",
        ),
        (
            "x = a % b % c",
            "x = __engine_percent__(__engine_percent__(a , b) , c)",
        ),
        ("x = 7 % b", "x = __engine_mod__(7 , b)"),
        ("x = 7 % 2", "x = 7 % 2"),
        (
            "x = f'{a % b=} {a % b}'",
            "x = f'a % b={__engine_percent__(a , b)!r} {__engine_percent__(a , b)}'",
        ),
        (
            "x = a%b%c",
            "x = __engine_percent__(__engine_percent__(a,b),c)",
        ),
        (
            "x = a%b|c%d",
            "x = __engine_merge__(__engine_percent__(a,b),__engine_percent__(c,d))",
        ),
        (
            "x = 'a%s' % f('%')",
            "x = __engine_percent__('a%s' , f('%'))",
        ),
        (
            "x = ('a'\n  % # c %\n  b)",
            "x = (__engine_percent__('a'\n  , # c %\n  b))",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn other_operators_become_calls() {
    let cases = [
        ("x = a | b", "x = __engine_merge__(a , b)"),
        ("x = a / b", "x = __engine_div__(a , b)"),
        ("x = a + (b > 1)", "x = a + (__engine_int__((b > 1)))"),
        (
            "x = a.__class__.__name__",
            "x = __engine_name_of__(__engine_class_of__(a))",
        ),
        ("x = (a) . __class__", "x = __engine_class_of__((a) )"),
        (
            "x = {True: a, 1: b}",
            "x = {__engine_key__((True)): a, __engine_key__((True)): b}",
        ),
        ("x = float(y)", "x = __engine_float__(y)"),
        ("x = y.is_integer()", "x = __engine_m_is_integer__(y, )"),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn assignments_become_calls() {
    let cases = [
        ("x |= {1: 2}", "x = __engine_ior__(x, ( {1: 2}))"),
        ("x %= 1, 2", "x = __engine_imod__(x, ( 1, 2))"),
        ("x *= y", "x = __engine_imul__(x, ( y))"),
        ("x += y", "x += y"),
        ("x += y > 1", "x += __engine_int__((y > 1))"),
        (
            "a[1:] = b % c",
            "__engine_set_slice__((__engine_percent__(b , c)), (a), (1), None, None)",
        ),
        ("a[1] = b", "a[1] = b"),
        (
            "a[1] += b",
            "__engine_aug_item__(__engine_iadd__, __engine_item__((a), (1)), (b))",
        ),
        (
            "a.b += 1, 2",
            "__engine_aug_attr__(__engine_iadd__, __engine_attr__((a), lambda __engine_x__: __engine_x__.b), 'b', (1, 2))",
        ),
        ("a.b = *c", "a.b = *c"),
        ("a.b = 1", "a.b = 1"),
        ("del a[1]", "__engine_del_item__((a), (1))"),
        (
            "del a[1], b['x']",
            "__engine_del_item__((a), (1)); __engine_del_item__((b), ('x'))",
        ),
        (
            "del a.b[1:]",
            "__engine_del_slice__((a.b), (1), None, None)",
        ),
        ("del a[1, 2]", "__engine_del_item__((a), (1, 2))"),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn attributes_are_checked_where_live_objects_exist() {
    let cases = [
        ("m.x = 5", "__engine_set_attr__((5), (m), 'x')"),
        (
            "m.x = y = 5",
            "__engine_v1__ = (5); __engine_set_attr__(__engine_v1__, (m), 'x'); y = __engine_v1__; (None)",
        ),
        ("m.x: int = 5", "__engine_set_attr__((5), (m), 'x')"),
        ("[m][0].x = 5", "__engine_set_attr__((5), ([m][0]), 'x')"),
        ("g().x = 5", "__engine_set_attr__((5), (g()), 'x')"),
        ("self.m.x = 5", "__engine_set_attr__((5), (self.m), 'x')"),
        (
            "m.x, y = 5, 6",
            "__engine_v1__ = (5, 6); (__engine_v2__, __engine_v3__,) = __engine_v1__; __engine_set_attr__(__engine_v2__, (m), 'x'); y = __engine_v3__; (None)",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(
            rewritten(&format!("app\n{source}")),
            format!("app\n{expected}")
        );
    }
}

#[test]
fn lines_are_kept() {
    for source in [
        "a[\n 0:2  # two\n] = [\n 9,\n]\nx",
        "a = (\n b\n % c\n)\nx",
        "d[\n'a'\n] += (\n1\n)\nx",
        "f(\n x\n for x\n in y\n)\nx",
        "any(\n x\n for x\n in y\n)\nx",
        "a.b = (\n1 +\n2)\napp",
        "x = y.is_integer(\n\n)\nx",
    ] {
        let rewritten = rewritten(source);
        let lines = |text: &str| text.matches('\n').count();
        assert_eq!(lines(&rewritten), lines(source), "{rewritten}");
        assert!(parse_module(&rewritten).is_ok(), "{rewritten}");
    }
}

#[test]
fn generators_stay_lists_where_read_at_once() {
    let cases = [
        ("x = sum(y for y in z)", "x = sum(y for y in z)"),
        (
            "x = (y for y in z)",
            "x = __engine_generator__((z), None, lambda y: (y), 0, 0)",
        ),
        (
            "x = any(a + b for a, b in z if a)",
            "x = any(__engine_generator__((z), lambda a, b: (a), lambda a, b: (a + b), 2, 0))",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn except_clauses_check_the_exception_first() {
    let cases = [
        (
            "try: f()\nexcept ValueError as e:\n  x = 1",
            "try: f()\nexcept ValueError as e:\n  __engine_handles__(e, 1); x = 1",
        ),
        (
            "try: f()\nexcept A:\n  if x: pass",
            "try: f()\nexcept A as __engine_handled__:\n  if __engine_handles__(__engine_handled__, 1) or (x): pass",
        ),
        (
            "try: f()\nexcept A as e:\n  for x in y: pass",
            "try: f()\nexcept A as e:\n  for x in (__engine_handles__(e, 1), (y))[1]: pass",
        ),
        (
            "try: f()\nexcept KeyError: x = 1",
            "try: f()\nexcept KeyError: x = 1",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}
