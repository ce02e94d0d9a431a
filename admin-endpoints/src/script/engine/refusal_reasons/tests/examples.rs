//! An example of each refusal.

use std::io;

use super::super::*;
use crate::script::engine::{LookupHost, MODULES, Monty, ScriptEngine};
use crate::script::limits::ScriptLimits;
use crate::script::wire::{LookupReply, ScriptEnd, SentValue, StartMessage, WorkerMessage};

/// A script that is too long to be written here.
const LARGE: &str = "LARGE";

const EXAMPLES: [&str; 123] = [
    "def f():\n  yield 1",
    "async def f():\n  await g()",
    "async def f():\n  async for x in y: pass",
    "async def f():\n  async with x: pass",
    "async def f():\n  return [x async for x in y]",
    "class A(Exception): pass",
    "result = type('A', (), {})",
    "match 1:\n  case 1: pass",
    "type X = int",
    "x = t'a'",
    "try: pass\nexcept* ValueError: pass",
    "x = 1j",
    "result = (-8) ** 0.5",
    "x = 1\ndel x",
    "class A: pass\na = A()\na.x = 1\ndel a.x",
    "class A:\n  def __bool__(self): return False",
    "class A:\n  __match_args__ = ()",
    "class A:\n  @staticmethod\n  def f(): pass",
    "class A:\n  __slots__ = ()",
    "class A:\n  def f(self): return self.__x",
    "class A:\n  x = [1 for _ in 'a']",
    "class A:\n  if 1: x = 1",
    "x = ().__dict__",
    "import json\njson.dumps = len",
    "def f(): pass\nresult = f.__name__",
    "import math\nresult = repr(math.gcd)",
    "result = '69746.13696289063'",
    "result = __name__",
    "__engine_x__ = 1",
    "result = vars()",
    "result = 'a'.casefold()",
    "import sys\nimport enum",
    "import math\nresult = math.dist",
    "import math\nm = math",
    "from math import *",
    "print(1, file=None)",
    "import math\nmath.sin(10 ** 30)",
    "bytes([1, 2])",
    "'a'.encode('latin-1')",
    "import json\njson.dumps(1, cls=str)",
    "result = list(map(lambda x: getattr(x, 'a', 0), [app]))",
    "result = [app.nan] == [app.nan]",
    "for a.x in [1]: pass",
    "n = float('nan')\nresult = [n] == [n]",
    "d = {}\nfor k in [1, True]: d[k] = 0",
    "e = ValueError(1, 2)\nresult = repr(e)",
    "try: (lambda x: x)()\nexcept TypeError as e: result = str(e)",
    "try: {}[1]\nexcept KeyError as e: result = str(e)",
    "import json\njson.loads('\\ufeff1')",
    "import json\ntry: json.loads('{')\nexcept ValueError as e: result = repr(e)",
    "import json\nresult = json.loads('[NaN]')",
    "import re\nre.compile('(')",
    "import re\nre.compile('[[a]')",
    "import re\nresult = re.sub('a', r'\\q', 'a')",
    "import re\nre.compile(b'a')",
    "import re\nresult = str(re.compile('a'))",
    "import re\nresult = re.findall('a*', 'ba')",
    "f = list((lambda: i) for i in 'ab')",
    "f = list(a for a, (b, c) in [])",
    "f = list((y := x) for x in 'ab')",
    "result = list({100, 5})",
    "result = [frozenset([2, 1])]",
    "result = {1, 2}.pop()",
    "result = hash(1.5)",
    "result = hasattr([], 'append')",
    "result = getattr([], 'append')",
    "result = 'a'.format_map([])",
    "import datetime\nresult = datetime.datetime(2024, 1, 1).strftime('%s')",
    "from datetime import datetime, timedelta, timezone\nz = timezone(timedelta(seconds=1))\nresult = datetime(2024, 1, 1, tzinfo=z).utcoffset()",
    "from collections import deque\nd = deque([1])\nd *= 2",
    "result = 10 ** 10 / 10 ** 330",
    "import math\nresult = math.fsum([math.inf])",
    "import math\nresult = math.hypot(1.5, 2)",
    "import functools\nf = functools.lru_cache(typed=True)",
    "result = b'%d' % 1",
    "result = '{:>{}}'.format(None, 5)",
    "try: pass\nexcept ValueError:\n  def f(): pass",
    "from datetime import timedelta\ntry: timedelta(1) / timedelta(1)\nexcept TypeError: result = 1",
    "from collections import deque\nd = deque([1])\ntry:\n  del d[0]\nexcept TypeError: result = 1",
    "try: {1}.update([2], [3])\nexcept TypeError: result = 1",
    "e = ValueError('a')\ntry: e.code = 5\nexcept AttributeError: result = 1",
    "try: object()\nexcept TypeError: result = 1",
    "try: result = isinstance(int, type)\nexcept TypeError: result = 1",
    "from datetime import timedelta\ntry: timedelta(hours=1.5)\nexcept TypeError: result = 1",
    "import re\nm = re.search('(?P<a>b)', 'b')\ntry: m.span('a')\nexcept IndexError: result = 1",
    "try: int('\u{ff11}')\nexcept ValueError: result = 1",
    "from datetime import datetime\nresult = datetime.strptime('2024 2024', '%Y %Y')",
    "import math\ntry: math.comb(100, 50)\nexcept OverflowError: result = 1",
    "try: pow(3, -1, 7)\nexcept ValueError: result = 1",
    "try: range(10 ** 20)[5]\nexcept OverflowError: result = 1",
    "m = __import__('math')",
    "print(app)",
    "x = [1]\nx.append(x)\nprint(x)",
    "x = []\nfor _ in range(600): x = [x]\nresult = str(x)",
    "def f():\n  try: x\n  finally: return 1",
    "result = '\\ud800'",
    "result = '\\x1ca'.strip()",
    "result = range(10)[::3]",
    "result = app.m is app.n",
    "from datetime import date\nresult = date(999, 1, 1).strftime('%Y')",
    "result = float('inf') // 1",
    "result = 'ǅ'.istitle()",
    "import re\nresult = re.compile('a').match('ba', 1)",
    "import re\nresult = str(re.I)",
    "import re\nresult = re.findall(r'\\w', '½')",
    "class A: pass\nresult = A()",
    "result = type(type)",
    "from pathlib import Path\nresult = Path('')",
    "import base64\nresult = base64.b64decode('aGk=/Pg==')",
    "from datetime import date\ntry: date.fromisoformat('20240102')\nexcept ValueError: pass",
    "from datetime import date\nx = date(2024, 3, 5)\nresult = f'{x:>30}'",
    "from datetime import datetime\nresult = datetime(2024, 1, 1, fold=1)",
    "def f(x: Undefined): pass",
    "result = type(print).__name__",
    "result = '\\U0001fae8'",
    "d = {'k': 1}\nresult = f\"{d[\"k\"]}\"",
    "b'\\xed\\xa0\\x80'.decode('utf-8', 'surrogatepass')",
    "class A:\n  x = (y := 1)",
    "from dataclasses import dataclass\n@dataclass(order=True)\nclass A:\n  x: int",
    "x = 1 @ 2",
    LARGE,
    "import os\nos.environ['A'] = 'b'",
    "def f(**k): return k\nresult = f(**{'x': 1}, y=2)",
];

/// `app` has the attribute `nan`.
struct NanHost;

impl LookupHost for NanHost {
    fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply> {
        Ok(match question {
            WorkerMessage::Attribute { name, .. } if name == "nan" => {
                LookupReply::Value(SentValue::Float(f64::NAN))
            }
            _ => LookupReply::Undefined,
        })
    }
}

#[test]
fn each_refusal_names_its_part() {
    for ((what, _), source) in REFUSALS.iter().zip(EXAMPLES) {
        let source = match source {
            LARGE => format!("if 1:\n{}", "  x = 1\n".repeat(20_000)),
            source => source.to_owned(),
        };
        let start = StartMessage {
            source: source.clone(),
            imports: MODULES
                .iter()
                .map(|name| (*name).to_owned())
                .chain(["enum".to_owned()])
                .collect(),
            limits: ScriptLimits::default(),
        };
        let host: &mut dyn LookupHost = &mut NanHost;
        let end = Monty.run(&start, host).unwrap().end;
        let ScriptEnd::Raised(message) = &end else {
            panic!("{source}: {end:?}");
        };
        let begin = format!("the embedded engine does not support {what}");
        assert!(message.starts_with(&begin), "{source}: {message}");
    }
}
