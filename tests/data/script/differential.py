"""Makes random expressions and statements from a seed, and prints what CPython makes of each.

Arguments: how many, and the seed. Prints a JSON list of [source, answer]; a source sets `x`, and
the answer is `str(x)`, or `!` and the name of the exception.
"""

import json
import random
import sys

count, seed = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
pick = rng.choice

INTS = ["0", "1", "-1", "2", "3", "7", "-5", "10", "255", "1000", "2**31", "2**53 + 1", "2**63", "-2**63", "2**64 - 1", "10**20", "-10**30"]
SMALL = ["0", "1", "2", "3", "-1", "-2", "5"]
FLOATS = ["0.0", "-0.0", "0.5", "1.5", "-2.5", "2.675", "3.14159", "1e-7", "1e16", "123456.789", "-7.25", "1e300"]
BOOLS = ["True", "False", "(3 > 2)", "(not 1)"]
STRS = ["''", "'a'", "'abc'", "'Hello World'", "'a,b,,c'", "'  x y '", "'12'", "'é日本'", "'tab\\tnew\\n'", "'%s'", "'ß'", "'aXbX'"]
WORDS = ["'a'", "'b'", "'x'", "','", "' '", "'l'", "'ab'"]


def ints():
    return "[" + ", ".join(pick(SMALL + ["8", "13"]) for _ in range(rng.randrange(6))) + "]"


def strs():
    return "[" + ", ".join(pick(STRS) for _ in range(rng.randrange(5))) + "]"


def dicts():
    return "{" + ", ".join(f"{pick(WORDS)}: {pick(SMALL)}" for _ in range(rng.randrange(4))) + "}"


def sets():
    return pick(["{1, 2}", "{3, 1, 2}", "{0}", "set()", "{2, 3, 4}", "frozenset([1, 2])"])


def number(depth=0):
    if depth > 2 or rng.random() < 0.4:
        return pick(pick([INTS, SMALL, SMALL, FLOATS, FLOATS, BOOLS]))
    kind = rng.randrange(12)
    a = lambda: number(depth + 1)
    if kind < 6:
        op = pick(["+", "-", "*", "/", "//", "%", "+", "-", "*", "/"])
        return f"({a()} {op} {a()})"
    return [
        lambda: f"(-{a()})",
        lambda: f"abs({a()})",
        lambda: f"round({a()}, {pick(['0', '1', '2', '3', '-1', '-2'])})",
        lambda: f"max({a()}, {a()})",
        lambda: f"sum({ints()})",
        lambda: f"({pick(SMALL)} {pick(['&', '|', '^', '<<', '>>', '**'])} {pick(['0', '1', '2', '3', '5'])})",
    ][kind - 6]()


def text():
    return pick([
        lambda: pick(STRS),
        lambda: f"{pick(STRS)}.{pick(['upper', 'lower', 'strip', 'title', 'capitalize', 'swapcase', 'lstrip', 'rstrip', 'splitlines', 'isdigit', 'isalpha', 'isupper', 'split', 'isspace', 'casefold', 'isalnum', 'islower', 'istitle'])}()",
        lambda: f"{pick(STRS)}.{pick(['split', 'rsplit', 'partition', 'rpartition', 'count', 'find', 'rfind', 'index', 'startswith', 'endswith', 'strip', 'lstrip', 'removeprefix', 'removesuffix'])}({pick(WORDS)})",
        lambda: f"{pick(STRS)}.{pick(['split', 'rsplit'])}({pick(WORDS)}, {pick(['0', '1', '-1'])})",
        lambda: f"{pick(STRS)}.{pick(['ljust', 'rjust', 'center', 'zfill'])}({pick(['0', '3', '8'])})",
        lambda: f"{pick(STRS)}.replace({pick(WORDS)}, {pick(WORDS)})",
        lambda: f"{pick(STRS)}[{pick(SMALL)}:{pick(SMALL)}]",
        lambda: f"{pick(STRS)}[{pick(SMALL)}]",
        lambda: f"{pick(STRS)}[::{pick(['1', '2', '-1', '-2'])}]",
        lambda: f"{pick(STRS)} * {pick(SMALL)}",
        lambda: f"{pick(STRS)} + {pick(STRS)}",
        lambda: f"{pick(WORDS)}.join({strs()})",
        lambda: f"repr({pick(STRS)})",
        lambda: f"ascii({pick(STRS)})",
        lambda: "'{" + pick(["", ":>5", ":<4", ":^7", ":05", ":+", ":,", ":x", ":b", ":.2f", ":e", ":g", ":%", ":d", ":.3", ":*^9", ":#x", ":_", "!r", "!r:>6"]) + "}'.format(" + pick([number, lambda: pick(STRS)])() + ")",
        lambda: "'%" + pick(["d", "s", "r", "5d", "-5d|", ".2f", "x", "05d", "e", "g", "+d", ".3s"]) + "' % (" + pick([number, lambda: pick(STRS)])() + ",)",
        lambda: f"str({number()})",
    ])()


def sequence():
    return pick([
        ints,
        lambda: f"sorted({ints()})",
        lambda: f"sorted({strs()}, key={pick(['len', 'str.lower', 'lambda s: s[-1:]'])}, reverse={pick(['True', 'False'])})",
        lambda: f"[{pick(['i * 2', 'i > 1', '(i, str(i))', 'i / 3', 'i % 2 == 0'])} for i in {ints()} if {pick(['i', 'i > 1', 'True', 'i % 2'])}]",
        lambda: f"list({pick(['map', 'filter'])}(lambda i: {pick(['i + 1', 'i > 1', 'i % 3'])}, {ints()}))",
        lambda: f"list(zip({ints()}, {strs()}))",
        lambda: f"list(enumerate({strs()}, {pick(SMALL)}))",
        lambda: f"list(reversed({ints()}))",
        lambda: f"{ints()}[{pick(SMALL)}:{pick(SMALL)}]",
        lambda: f"{ints()}[::{pick(['1', '2', '-1', '-3', '0'])}]",
        lambda: f"{ints()} + {ints()}",
        lambda: f"{ints()} * {pick(SMALL + BOOLS)}",
        lambda: f"tuple({ints()})",
        lambda: f"list(range({pick(SMALL)}, {pick(SMALL + ['9'])}, {pick(SMALL)}))",
        lambda: f"[*{ints()}, *{strs()}]",
        lambda: f"list({dicts()}.{pick(['keys', 'values', 'items'])}())",
        lambda: f"sorted({sets()} {pick(['|', '&', '-', '^'])} {sets()})",
    ])()


def anything():
    return pick([number, text, sequence, dicts, lambda: pick(["None", "[]", "()", "{}"])])()


def other():
    return pick([
        lambda: f"{anything()} == {anything()}",
        lambda: f"{number()} {pick(['<', '<=', '>', '>=', '==', '!='])} {number()}",
        lambda: f"{text()} {pick(['<', '<=', '>', '==', '!=', 'in', 'not in'])} {text()}",
        lambda: f"{pick(SMALL)} {pick(['in', 'not in'])} {pick([ints, sets])()}",
        lambda: f"{sets()} {pick(['<', '<=', '>', '>=', '==', '|', '&', '-', '^'])} {sets()}",
        lambda: f"{anything()} {pick(['and', 'or'])} {anything()}",
        lambda: f"not {anything()}",
        lambda: f"{anything()} if {anything()} else {anything()}",
        lambda: f"{pick(['len', 'bool', 'any', 'all', 'max', 'min', 'sum'])}({sequence()})",
        lambda: f"{pick(['any', 'all', 'sum', 'list', 'max', 'min', 'sorted', 'tuple'])}(i {pick(['> 1', '* 2', '% 3'])} for i in {ints()})",
        lambda: f"{pick(['int', 'float', 'bool', 'str'])}({pick([number, lambda: pick(STRS)])()})",
        lambda: f"divmod({number()}, {number()})",
        lambda: f"{pick(['hex', 'bin', 'oct', 'chr', 'hash'])}({pick(INTS + SMALL)})",
        lambda: f"{dicts()}.{pick(['get', 'pop', 'setdefault'])}({pick(WORDS)}{pick(['', ', 9'])})",
        lambda: f"{dicts()}[{pick(WORDS)}]",
        lambda: f"{dicts()} | {dicts()}",
        lambda: f"{{k: v for k, v in {dicts()}.items() if v}}",
        lambda: f"{{v: k for k, v in {dicts()}.items()}}",
        lambda: f"isinstance({anything()}, {pick(['int', 'str', '(int, float)', 'int | str', 'list', 'bool'])})",
        lambda: f"type({anything()}).__name__",
        lambda: f"{ints()}.{pick(['index', 'count'])}({pick(SMALL)})",
        lambda: f"json.dumps({pick([dicts, ints, strs, number])()})",
        lambda: f"json.loads(json.dumps({pick([dicts, ints, strs])()}))",
        lambda: f"re.{pick(['findall', 'split', 'search', 'match', 'fullmatch'])}({pick(REGEXES)}, {pick(STRS)}) is None",
        lambda: f"re.{pick(['findall', 'split'])}({pick(REGEXES)}, {pick(STRS)})",
        lambda: f"re.sub({pick(REGEXES)}, {pick(WORDS)}, {pick(STRS)})",
        lambda: f"math.{pick(['floor', 'ceil', 'trunc', 'sqrt', 'fabs', 'isnan', 'isinf'])}({number()})",
    ])()


REGEXES = ["r'\\w+'", "r'[a-z]'", "r'(\\w)(\\w)'", "r'\\s+'", "r'\\d+$'", "r'(a)|(b)'", "r'l+'", "r'^\\w'", "r'\\bx'", "r'[^a-z]+'", "r',|X'", "r'(?i)h'"]


def statements():
    op = pick(["+=", "-=", "*=", "/=", "//=", "%=", "**=", "|=", "&=", "^="])
    return pick([
        lambda: f"a = {pick([number, ints, strs, sets])()}\nb = a\na {op} {pick([number, ints, sets, lambda: pick(SMALL + BOOLS)])()}\nx = a, b",
        lambda: f"d = {{'k': {pick([number, ints, sets])()}}}\nb = d['k']\nd['k'] {op} {pick([number, ints, sets, lambda: pick(BOOLS)])()}\nx = d, b",
        lambda: f"a = {ints()}\nb = a\na[{pick(SMALL)}:{pick(SMALL)}] = {ints()}\nx = a, b",
        lambda: f"a = {ints()}\na[::{pick(['1', '2', '-1'])}] = {ints()}\nx = a",
        lambda: f"a = {ints()}\ndel a[{pick(SMALL)}]\nx = a",
        lambda: f"a = {ints()}\ndel a[{pick(SMALL)}:{pick(SMALL)}]\nx = a",
        lambda: f"a = {ints()}\na[{pick(SMALL)}] = {anything()}\nx = a",
        lambda: f"a = {ints()}\na.{pick(['append', 'remove', 'extend', 'insert', 'pop', 'sort', 'reverse'])}({pick(['', pick(SMALL), ints()])})\nx = a",
        lambda: f"m = {pick(['map(str, ' + ints() + ')', 'filter(None, ' + ints() + ')', 'zip(' + ints() + ', ' + strs() + ')', 'enumerate(' + strs() + ')', 'reversed(' + ints() + ')', 'iter(' + ints() + ')', '(i for i in ' + ints() + ')'])}\nx = next(m, 0), list(m), list(m)",
        lambda: f"x = []\nfor i, v in enumerate({ints()}):\n  if v > {pick(SMALL)}: {pick(['break', 'continue'])}\n  x.append(i * v)\nelse:\n  x.append('else')",
        lambda: f"a, *b = {ints()}\nx = a, b",
        lambda: f"class C:\n  def __init__(self, v): self.v = v\n  def __repr__(self): return f'C({{self.v}})'\nc = C({ints()})\nc.v {op} {pick([ints, number])()}\nx = [c], c.v",
        lambda: f"def f(a, b={number()}, *c, **d): return a, b, c, d\nx = f({pick(['', '1', '1, 2', '1, 2, 3', '1, z=2', 'b=1', '*' + ints()])})",
        lambda: f"x = 0\nwhile x < {pick(['3', '10'])}:\n  x += {pick(['1', '2', 'True', '(x >= 0)'])}",
        lambda: f"try:\n  x = {anything()}\n  x = x + {anything()}\nexcept (TypeError, ValueError):\n  x = 'caught'\nfinally:\n  y = 1",
    ])()


def answer(source):
    names = {"json": json, "re": __import__("re"), "math": __import__("math")}
    try:
        exec(source, names)
        return str(names["x"])
    except Exception as e:
        return "!" + type(e).__name__


cases = []
while len(cases) < count:
    source = pick([lambda: "x = " + number(), lambda: "x = " + text(), lambda: "x = " + sequence(), lambda: "x = " + other(), lambda: "x = " + other(), statements])()
    try:
        wanted = answer(source)
    except SyntaxError:
        continue
    if len(wanted) < 2000:
        cases.append([source, wanted])
json.dump(cases, sys.stdout)
