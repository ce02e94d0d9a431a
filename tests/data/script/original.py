"""Runs each script of the corpus by the rules of the original route and prints what it would answer.

Reads the corpus from the path given, writes one JSON object: name -> [status, text].
The rules: nine builtins, a separate dict of locals, imports from a list, `str(result)`.
"""

import contextlib
import importlib
import io
import json
import sys

ALLOWED = ["json", "math", "datetime", "re", "collections", "itertools", "functools"]


class Metadata:
    model_name = "meta-llama/Llama-3.1-8B"
    world_size = 2
    worker_id = 0
    kv_dtype = "bfloat16"
    kv_shape = (27, 1, 64, 1, 576)
    use_mla = False

    def is_first_rank(self):
        return self.worker_id == 0


class Config:
    chunk_size = 64
    local_cpu = True
    max_local_cpu_size = 5.0
    remote_url = None
    extra_config = {"save_only_first_rank": True, "weights": [0.5, 1.5]}


class Engine:
    metadata = Metadata()
    config = Config()

    def stats(self):
        return {
            "hits": 30,
            "misses": 10,
            "tiers": [
                {"name": "gpu", "used": 512, "capacity": 1024},
                {"name": "cpu", "used": 100, "capacity": 4096},
                {"name": "disk", "used": 0, "capacity": 65536},
            ],
        }

    def lookup(self, tokens):
        return len(tokens) // 2


class LmcacheAdapter:
    lmcache_engine = Engine()


class State:
    lmcache_adapter = LmcacheAdapter()


class App:
    state = State()


def run(source):
    modules = {name: importlib.import_module(name) for name in ALLOWED}

    def restricted_import(name, globals=None, locals=None, fromlist=(), level=0):
        if name in modules:
            return modules[name]
        raise ImportError(f"Import of '{name}' is not allowed")

    names = [print, str, int, float, list, dict, tuple, set]
    builtins = {f.__name__: f for f in names} | {"__import__": restricted_import}
    local = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source.encode(), {"__builtins__": builtins, "app": App()}, local)
        return 200, str(local.get("result", "Script executed successfully"))
    except Exception as e:
        return 500, f"Error executing script: {e}"


def corpus(path):
    name, lines = None, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("#: "):
                if name is not None:
                    yield name, "".join(lines)
                name, lines = line[3:].strip(), []
            else:
                lines.append(line)
    yield name, "".join(lines)


if __name__ == "__main__":
    json.dump({name: run(source) for name, source in corpus(sys.argv[1])}, sys.stdout)
