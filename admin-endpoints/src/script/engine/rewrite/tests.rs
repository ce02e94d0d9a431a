use super::*;

fn rewritten(source: &str) -> String {
    rewrite(source, &["json".into(), "math".into()])
        .unwrap()
        .source
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
        ("from json import loads", "from json import loads"),
        ("from os import *", "__import__('os')"),
        ("from . import x", "__import__('')"),
        ("from .json import x", "__import__('json')"),
        (
            "if a:\n  def f():\n    import os\n",
            "if a:\n  def f():\n    __import__('os')\n",
        ),
        (
            "try: import os\nexcept: pass",
            "try: __import__('os')\nexcept: pass",
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
        ("x = 'a' % b", "x = __percent__('a' , b)"),
        ("x = ('a') % (b, c)", "x = __percent__(('a') , (b, c))"),
        ("x = a % b % c", "x = __percent__(__percent__(a , b) , c)"),
        ("x = 7 % b", "x = 7 % b"),
        (
            "x = f'{a % b=} {a % b}'",
            "x = f'{a % b=} {__percent__(a , b)}'",
        ),
        ("x = a%b%c", "x = __percent__(__percent__(a,b),c)"),
        (
            "x = a%b|c%d",
            "x = __merge__(__percent__(a,b),__percent__(c,d))",
        ),
        (
            "x.y += a % b",
            "__set_attr__((x.y + ( __percent__(a , b))), x, 'y')",
        ),
        ("self.y += a%b", "self.y += __percent__(a,b)"),
        ("x = 'a%s' % f('%')", "x = __percent__('a%s' , f('%'))"),
        (
            "x = ('a'\n  % # c %\n  b)",
            "x = (__percent__('a'\n  , # c %\n  b))",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn the_other_gaps_become_calls_too() {
    let cases = [
        ("x |= {1: 2}", "x = __merge_into__(x, ( {1: 2}))"),
        ("x %= 1, 2", "x = __percent__(x, ( 1, 2))"),
        ("x = a | b", "x = __merge__(a , b)"),
        (
            "a[1:] = b % c",
            "__set_slice__(( __percent__(b , c)), a, (1), None, None)",
        ),
        ("a[:] = (b)", "__set_slice__(( (b)), a, None, None, None)"),
        ("a[1] = b", "a[1] = b"),
        ("a.b.c = (d)", "__set_attr__(( (d)), a.b, 'c')"),
        ("a.b += 1, 2", "__set_attr__((a.b + ( 1, 2)), a, 'b')"),
        ("self.x = 1", "self.x = 1"),
        ("a.b = *c", "a.b = *c"),
        ("a.b = *c, d", "__set_attr__(( *c, d), a, 'b')"),
        ("f().x = 1", "f().x = 1"),
        ("x = a.__class__.__name__", "x = __class_of__(a).__name__"),
        ("x = (a) . __class__", "x = __class_of__((a) )"),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}

#[test]
fn items_are_deleted_by_a_call() {
    let cases = [
        ("del a[1]", "__del_item__(a, (1))"),
        (
            "del a[1], b['x']",
            "__del_item__(a, (1)); __del_item__(b, ('x'))",
        ),
        ("del a.b[1:]", "__del_slice__(a.b, (1), None, None)"),
        ("del a[1, 2]", "__del_item__(a, (1, 2))"),
        ("del a", "del a"),
    ];
    for (source, expected) in cases {
        assert_eq!(rewritten(source), expected);
    }
}
