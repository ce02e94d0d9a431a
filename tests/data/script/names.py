"""Prints what the built-in types of CPython have: `python3 names.py > python_names.txt`.

A line `type` has the attributes of a type; `operator` the pairs of types that an operator accepts,
`order` those that `<` compares. The engine's names of types are used.
"""
import builtins
import collections
import datetime
import json
import math
import operator
import pathlib
import re

OBJECT = set(dir(object))

samples = {
    'int': [7, 0, 2], 'float': [1.5], 'bool': [True], 'str': ['a', '%s'], 'bytes': [b'a', b'%s'], 'list': [[1]],
    'tuple': [(1,)], 'dict': [{'a': 1}], 'set': [{1}], 'frozenset': [frozenset([1])], 'range': [range(3)],
    'slice': [slice(1)], 'NoneType': [None], 'ellipsis': [...], 'type': [int],
    'dict_keys': [{'a': 1}.keys()], 'dict_values': [{}.values()], 'dict_items': [{'a': 1}.items()],
    'collections.deque': [collections.deque([1])], 'collections.Counter': [collections.Counter('a')],
    'collections.defaultdict': [collections.defaultdict(int)],
    'datetime.date': [datetime.date(2024, 1, 1)], 'datetime.datetime': [datetime.datetime(2024, 1, 1)],
    'datetime.time': [datetime.time(1)], 'datetime.timedelta': [datetime.timedelta(1)],
    'datetime.timezone': [datetime.timezone.utc], 'PosixPath': [pathlib.PosixPath('a')],
    're.Match': [re.match('a', 'a')], 're.Pattern': [re.compile('a')],
    'function': [lambda: 0], 'builtin_function_or_method': [len], 'module': [math], 'iterator': [iter([])],
}
short = {name.rsplit('.', 1)[-1]: values for name, values in samples.items() if '.' in name}

print('# Made by tests/data/script/names.py from CPython 3.11.')
for name, values in {**samples, **short}.items():
    print('type', name, *sorted(set(dir(values[0])) - OBJECT))
kinds = {name: kind for name, kind in vars(builtins).items()
         if isinstance(kind, type) and issubclass(kind, BaseException)}
kinds.update({'JSONDecodeError': json.JSONDecodeError, 'json.JSONDecodeError': json.JSONDecodeError,
              'error': re.error, 're.error': re.error})
for name, kind in kinds.items():
    print('type', name, *sorted(set(dir(kind)) - OBJECT))
print('builtins', *sorted(name for name in dir(builtins) if name != '_'))

signs = {'+': 'add', '-': 'sub', '*': 'mul', '/': 'truediv', '//': 'floordiv', '%': 'mod', '@': 'matmul',
         '**': 'pow', '<<': 'lshift', '>>': 'rshift', '&': 'and_', '|': 'or_', '^': 'xor'}


def accepts(function, left, right):
    for a in left:
        for b in right:
            try:
                function(a, b)
            except TypeError:
                continue
            except Exception:
                pass
            return True
    return False


def pairs(function):
    found = []
    for a, left in {**samples, **short}.items():
        accepted = [b for b, right in {**samples, **short}.items() if accepts(function, left, right)]
        if accepted:
            found.append(a + ':' + ','.join(accepted))
    return found


for sign, name in signs.items():
    print('operator', sign, *pairs(getattr(operator, name)))
print('order', '<', *pairs(operator.lt))
