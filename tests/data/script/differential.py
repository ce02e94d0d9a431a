"""Makes random expressions and statements from a seed, and prints what CPython makes of each.

Arguments: how many, and the seed. Prints a JSON list of [source, answer]; a source sets `x`, and
the answer is `str(x)`, or `!` and the name of the exception.
"""

import json
import random
import signal
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


KEYS = ["1", "True", "1.0", "0", "False", "0.0", "2", "2.0", "'1'", "None", "(1, 2)", "(True, 2)", "'a'", "b'a'", "-1", "1.5"]
# Fewer equal numbers of several types, which are refused.
KEYS += [key for key in KEYS if key not in ("True", "1.0", "False", "0.0", "2.0", "(True, 2)")] * 2 + ["3", "'b'", "'c'", "(3, 4)", "7", "''"] * 3
VALUES = ["1", "True", "2.5", "'a'", "None", "[1]", "(1, 'a')", "{'k': 1}", "{1}", "b'a'", "-0.0", "10**20", "[]", "''"]


def keys():
    return "[" + ", ".join(pick(KEYS) for _ in range(rng.randrange(1, 5))) + "]"


def mixed():
    return pick([
        lambda: f"d = {{}}\nfor k in {keys()}:\n  d[k] = d.get(k, 0) + 1\nx = d",
        lambda: f"x = {{k: i for i, k in enumerate({keys()})}}",
        lambda: f"x = dict.fromkeys({keys()})",
        lambda: f"d = {{{pick(KEYS)}: 1, {pick(KEYS)}: 2}}\nk = {pick(KEYS)}\nd[k] = 3\nx = d, k in d, d.get({pick(KEYS)})",
        lambda: f"d = {{}}\nfor k in {keys()}:\n  d.setdefault(k, []).append(k)\nx = d",
        lambda: f"x = dict([({pick(KEYS)}, 1), ({pick(KEYS)}, 2)])",
        lambda: f"d = {{{pick(KEYS)}: 1}}\nd.update({{{pick(KEYS)}: 2}})\nx = d | {{{pick(KEYS)}: 3}}",
        lambda: f"x = len(set({keys()})), {pick(KEYS)} in {keys()}, {keys()}.count({pick(KEYS)})",
        lambda: f"x = collections.Counter({keys()}).most_common(1)",
        lambda: f"d = collections.defaultdict(int)\nfor k in {keys()}:\n  d[k > 1 if isinstance(k, int) else k] += 1\nx = dict(d)",
    ])()


def failing():
    value = lambda: pick(VALUES)
    return pick([
        lambda: f"{value()} {pick(['+', '-', '*', '/', '//', '%', '**', '<', '>=', '&', '|', '<<', 'in'])} {value()}",
        lambda: f"{value()}[{value()}]",
        lambda: f"{pick(['len', 'int', 'float', 'sum', 'max', 'min', 'sorted', 'list', 'dict', 'set', 'abs', 'ord', 'chr', 'round', 'iter', 'tuple', 'bin'])}({value()})",
        lambda: f"{value()}.{pick(['upper', 'append', 'get', 'pop', 'index', 'join', 'split', 'add', 'remove', 'nothing', 'strip', 'items'])}({pick(['', value()])})",
        lambda: f"{value()}()",
        lambda: f"-{value()}",
        lambda: f"'{pick(['%d', '%s %s', '%x', '%.1f', '%(a)s', '%c', '%q'])}' % {value()}",
        lambda: f"'{pick(['{:d}', '{} {}', '{a}', '{:>5}', '{0[0]}', '{!r:5}', '{:,}', '{:q}'])}'.format({value()})",
        lambda: f"json.loads({pick(BAD_JSON)})",
        lambda: f"json.dumps({pick([value, lambda: '{1, 2}', lambda: '{(1,): 2}', lambda: '[1, {2: 3}]'])()})",
        lambda: f"datetime.date({pick(['2024, 2, 30', '2024, 13, 1', '0, 1, 1', '2024, 1, 0', '2024, 2, 29'])})",
        lambda: f"int({pick(STRS)})",
        lambda: f"{pick(['1', '1.5', '0', '0.0', '7'])} {pick(['/', '//', '%', '**'])} {pick(['0', '0.0', '-1', 'False'])}",
        lambda: f"unknown_name + {value()}",
    ])()


BAD_JSON = ["''", "'{'", "'[1,]'", "'{\"a\" 1}'", "'{\"a\": 1,}'", "'[1 2]'", "'nul'", "'\"abc'", "'[1] x'", "'{1: 2}'", "'[tru]'", "' [1, 2] '", "'1.'", "'-'", "'[\"a\\\\x\"]'", "'{\"a\": [1, {\"b\": }]}'", "'\\n\\n{'", "'01'"]


def texts_of_errors():
    show = pick(["str(e)", "f'{type(e).__name__}: {e}'", "repr(e)", "e.args", "'%s' % e", "[e]", "str(e).upper()"])
    op = pick(["+=", "-=", "*=", "/=", "//=", "%=", "|=", "&="])
    return pick([
        lambda: f"try:\n  x = {failing()}\nexcept Exception as e:\n  x = {show}",
        lambda: f"try:\n  a = {pick(VALUES)}\n  a {op} {pick(VALUES)}\n  x = a\nexcept Exception as e:\n  x = {show}",
        lambda: f"def f(v):\n  try:\n    return {failing()}\n  except (TypeError, ValueError, KeyError) as e:\n    return {show}\nx = list(map(f, [1]))",
        lambda: f"try:\n  raise {pick(['ValueError', 'KeyError', 'RuntimeError', 'Exception'])}({pick(STRS)})\nexcept Exception as e:\n  x = {show}",
        lambda: f"try:\n  a, b = {pick(['1', '[1]', '[1, 2, 3]', 'None', repr('ab')])}\n  x = a, b\nexcept Exception as e:\n  x = {show}",
        lambda: f"d = {{'a': 1}}\ntry:\n  x = d[{pick(KEYS)}]\nexcept KeyError as e:\n  x = {show}",
    ])()


def formats():
    spec = pick(["", ">8", "<8", "^8", "08", "+", ",", ".2f", "e", "x", "b", "%", "10.3f", "*^12", "_", "s", ".3s", "g", "+.1e", "#o", " d", "=+6"])
    value = pick([number, text, lambda: pick(VALUES)])()
    date = f"datetime.datetime({pick(['2024, 2, 29, 13, 5, 9', '1999, 12, 31', '2021, 1, 3, 0, 0, 0, 7'])})"
    letters = "".join("%" + pick("YmdHMSjaAbBpIyfFTDRcxXeuwUWVG") + pick(["", "-", " "]) for _ in range(rng.randrange(1, 4)))
    return pick([
        lambda: f"v = {value}\nx = f'{{v:{spec}}}'",
        lambda: f"v = {value}\nx = f'{{v!r:>12}}|{{v!s}}|{{v=}}'",
        lambda: f"x = format({value}, {spec!r})",
        lambda: f"w = {pick(['3', '8'])}\nv = {number()}\nx = f'{{v:{{w}}}}'",
        lambda: f"d = {date}\nx = d.strftime({letters!r})",
        lambda: f"d = {date}\nx = str(d), d.isoformat(), d.date().isoformat(), d.weekday(), d.toordinal()",
        lambda: f"d = {date} {pick(['+', '-'])} datetime.timedelta({pick(['days=1', 'hours=36', 'seconds=-5', 'weeks=2, minutes=3', 'microseconds=1'])})\nx = d, str(d)",
        lambda: f"a = {date}\nb = {date}\nx = a - b, (a - b).total_seconds(), a < b, max(a, b), (a - b).days",
        lambda: f"t = datetime.timedelta({pick(['days=1', 'hours=36', 'seconds=-5', 'days=2, seconds=7'])})\nx = str(t), t * 2, t / 2, t // datetime.timedelta(hours=1), -t, abs(t), t.seconds",
    ])()


def programs():
    op, sign = pick([("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/"), ("mod", "%"), ("floordiv", "//")])
    return pick([
        lambda: f"class V:\n  def __init__(self, v): self.v = v\n  def __{op}__(self, o): return V((self.v, {op!r}, getattr(o, 'v', o)))\n  def __r{op}__(self, o): return V((o, 'r', self.v))\n  def __repr__(self): return f'V({{self.v}})'\nx = V({number()}) {sign} V(1), V(2) {sign} {pick(SMALL)}, {pick(SMALL)} {sign} V(3)",
        lambda: f"class V:\n  count = 0\n  def __init__(self, v=1):\n    self.v = v\n    V.count += 1\n  def __eq__(self, o): return isinstance(o, V) and self.v == o.v\n  def __hash__(self): return hash(self.v)\n  def grow(self, by={pick(SMALL)}):\n    self.v += by\n    return self\na = V({pick(SMALL)})\nb = V({pick(SMALL)})\nx = a == b, a != b, a.grow().v, V.count, a in [b], len({{a, b}})",
        lambda: f"class V:\n  def __init__(self, n): self.n = n\n  def __iter__(self): return iter(range(self.n))\n  def __contains__(self, v): return v == self.n\n  def __getitem__(self, i): return i * 2\nv = V({pick(['0', '3'])})\nx = list(v), 3 in v, v[{pick(SMALL)}], [*v], sum(v)",
        lambda: f"def make(n):\n  total = n\n  def add(m):\n    nonlocal total\n    total += m\n    return total\n  return add\nf = make({number()})\nx = [f(i) for i in {ints()}]",
        lambda: f"def fib(n, memo={{}}):\n  if n < 2: return n\n  if n not in memo: memo[n] = fib(n - 1) + fib(n - 2)\n  return memo[n]\nx = [fib(i) for i in range({pick(['5', '30'])})]",
        lambda: f"groups = collections.defaultdict(list)\nfor w in {strs()}:\n  groups[len(w)].append(w)\nx = sorted(groups.items()), dict(groups)",
        lambda: f"c = collections.Counter({pick(STRS)})\nc.update({pick(STRS)})\nx = c.most_common(3), sum(c.values()), c['a'], sorted(c.items())",
        lambda: f"d = collections.deque({ints()}, maxlen={pick(['2', '4'])})\nd.append(9)\nd.appendleft(8)\nd.rotate({pick(SMALL)})\nx = list(d), len(d)",
        lambda: f"P = collections.namedtuple('P', 'a b')\np = P({number()}, {text()})\nx = p, p.a, p._replace(b=1), p == (p.a, p.b), p._asdict(), sorted([P(2, 1), P(1, 2)])",
        lambda: f"rows = [{{'n': 'a', 'v': {pick(SMALL)}}}, {{'n': 'b', 'v': {pick(SMALL)}}}, {{'n': 'c', 'v': {pick(SMALL)}}}]\nx = sorted(rows, key=lambda r: (r['v'], r['n']), reverse={pick(BOOLS)}), max(rows, key=lambda r: r['v'])['n'], {{r['n']: r['v'] for r in rows}}",
        lambda: f"flags = [v > {pick(SMALL)} for v in {ints()}]\nx = sum(flags), flags.count(True), any(flags), all(flags), flags.index(True) if True in flags else -1",
        lambda: f"n = 0\nfor v in {ints()}:\n  n += v > 1\n  n -= v == 2\nx = n, n + True, n * False, -(n > 0), n / True",
        lambda: f"a = {ints()}\nx = a[{pick(SMALL)}:], a[:{pick(SMALL)}], a[::-1], a[{pick(SMALL)}:{pick(SMALL)}:{pick(['1', '2', '-1'])}], a * 2, sorted(set(a)), list(dict.fromkeys(a))",
        lambda: f"m = [[{pick(SMALL)}, {pick(SMALL)}], [{pick(SMALL)}, {pick(SMALL)}]]\nx = [list(r) for r in zip(*m)], [v for r in m for v in r], sum(map(sum, m)), [[a * b for a in m[0]] for b in m[1]]",
        lambda: f"out = []\nfor i in range({pick(['4', '6'])}):\n  if i % 2: continue\n  try:\n    out.append(10 // i)\n  except ZeroDivisionError as e:\n    out.append(str(e))\n  finally:\n    out.append(i)\nx = out",
        lambda: f"import itertools\nx = list(itertools.chain({ints()}, {strs()})), list(itertools.islice({ints()}, 2)), list(itertools.accumulate({ints()}))",
        lambda: f"import functools\nx = functools.reduce(lambda a, b: a {pick(['+', '*', '-'])} b, {ints()}, {pick(SMALL)})",
        lambda: f"import math\nx = math.{pick(['floor', 'ceil', 'trunc'])}({number()}), math.gcd({pick(['12', '7'])}, 18), math.hypot(3, 4), math.isclose(0.1 + 0.2, 0.3), math.factorial({pick(['0', '5', '25'])})",
        lambda: f"s = {pick(STRS)}\nx = s.{pick(['encode()', 'encode().decode()', 'split()', 'title()', 'zfill(5)', 'expandtabs(4)', 'center(9, chr(42))', 'rstrip().lstrip()'])}, s[::-1], sorted(s), s.find('a'), len(s), s * 2, [c for c in s if c.isalpha()], '-'.join(s)",
        lambda: f"x = {{k: v for k, v in sorted({dicts()}.items(), key=lambda p: p[{pick(['0', '1'])}])}}, min({dicts()}, default=None)",
        lambda: f"x = (lambda *a, **k: (a, k))({pick(['', '1', '*[1, 2]', '1, b=2', '**dict(a=1)'])}), (lambda a, b=2: a + b)({pick(SMALL)})",
        lambda: f"x = [{pick(SMALL)}, *{ints()}, {pick(SMALL)}], {{**{dicts()}, 'z': 0}}, (*{ints()},)",
        lambda: f"a = b = {ints()}\nb.append(1)\n(c, d), *e = [[1, 2], 3, 4]\nx = a is b, a, c, d, e",
        lambda: f"x = [y for v in {ints()} if (y := v * 2) > {pick(SMALL)}]",
        lambda: f"x = 1 if {pick(BOOLS)} else 2, not {pick(VALUES)}, {pick(VALUES)} or 'd', {pick(VALUES)} and 'd', {pick(SMALL)} < {pick(SMALL)} <= {pick(SMALL)}",
    ])()


class TooSlow(BaseException):
    pass


def stop(*_):
    raise TooSlow


def answer(source):
    # Of processor time: powers of large numbers take hours.
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.2)
    try:
        return run(source)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def run(source):
    modules = ["json", "re", "math", "datetime", "collections"]
    names = {module: __import__(module) for module in modules}
    try:
        exec(source, names)
        return str(names["x"])
    except SyntaxError:
        raise
    except Exception as e:
        return "!" + type(e).__name__


signal.signal(signal.SIGVTALRM, stop)
cases = []
while len(cases) < count:
    source = pick([lambda: "x = " + number(), lambda: "x = " + text(), lambda: "x = " + sequence(), lambda: "x = " + other(), statements, mixed, texts_of_errors, formats, programs])()
    try:
        wanted = answer(source)
    except (SyntaxError, TooSlow):
        continue
    if len(wanted) < 2000 and " object at 0x" not in wanted:
        cases.append([source, wanted])
json.dump(cases, sys.stdout)
