"""Runs one script, in a process that is isolated already."""

import builtins
import io
import json
import os
import sys
import types

STREAM = 3  # the only open descriptor of a worker
FILE_NAME = "<string>"
RECURSION_RESERVE = 200  # calls that a question to the server may add
NO_ROOM_FOR_CALL = "error return without exception set"  # of a call that there is no memory for
FAILED = 101  # the exit status of a worker whose messages are out of step

# Without these a script has no file and no second program; nothing else depends on this list.
MISSING_BUILTINS = (
    "open input breakpoint exit quit help eval exec compile".split()
    + "copyright credits license".split()
)

# Modules that are written in C import these when a script calls them, by the `__import__` of the
# script. They pass a list, and `import` in Python never does.
IMPORTED_BY_C = frozenset(
    """_strptime codecs collections collections.abc copy copyreg datetime decimal encodings functools
    json.decoder json.scanner locale numbers re struct time unicodedata warnings""".split()
)


# A script may replace `json.dumps` and `json.loads`.
ENCODER, DECODER = json.JSONEncoder(), json.JSONDecoder()


def framed(message):
    """JSON behind its length."""
    text = ENCODER.encode(message).encode()
    return len(text).to_bytes(4, "little") + text


# Made in advance: a script may have used up what a report needs.
MEMORY_REPORT = framed({"Done": {"printed": "", "end": {"LimitExceeded": "Memory"}}})

# Freed when a script has ended with an exception. Without memory the interpreter can repeat the
# entry of an exception handler for ever: it needs an object there.
RESERVE = [bytes(2 << 20)]


class Server:
    """The server at the other end of the stream."""

    def send(self, message):
        self.write(framed(message))

    def write(self, data):
        data = memoryview(data)
        while data:
            data = data[os.write(STREAM, data):]

    def read(self, length):
        data = b""
        while len(data) < length:
            part = os.read(STREAM, min(length - len(data), 1 << 20))
            if not part:
                os._exit(0)  # the server has ended
            data += part
        return data

    def receive(self):
        length = int.from_bytes(self.read(4), "little")
        return DECODER.decode(self.read(length).decode())

    def ask(self, question):
        """The answer to one question. An error in between would mix up the answers."""
        message = framed(question)
        limit = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(limit + RECURSION_RESERVE)
            self.write(message)
            reply = self.receive()
            sys.setrecursionlimit(limit)
        except BaseException:
            os._exit(FAILED)
        if "Stop" in reply:
            self.finish({"LimitExceeded": reply["Stop"]})
        return reply

    def finish(self, end):
        """Sends the report and ends this process."""
        self.send({"Done": {"printed": PRINTED.text(), "end": end}})
        os._exit(0)


class Printed(io.TextIOBase):
    """Collects what a script prints; too much ends the script."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self):
        self.parts = []
        self.left = 0
        self.server = None

    def writable(self):
        return True

    def write(self, text):
        self.add(text.encode(self.encoding, self.errors))
        return len(text)

    def add(self, data):
        if len(data) > self.left:
            self.server.finish({"LimitExceeded": "Output"})
        self.left -= len(data)
        self.parts.append(data)

    def text(self):
        return b"".join(self.parts).decode()


class PrintedErrors(io.TextIOBase):
    """Standard error, which is shown in the same place."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def writable(self):
        return True

    def write(self, text):
        PRINTED.add(text.encode(self.encoding, self.errors))
        return len(text)


PRINTED = Printed()


def checked_import(allowed, live_objects):
    """`__import__` for a script; the code of modules keeps the real one."""
    real_import = builtins.__import__
    environ_is_empty = True

    def __import__(name, globals=None, locals=None, fromlist=(), level=0):
        nonlocal environ_is_empty
        if type(fromlist) is list and name in IMPORTED_BY_C:
            return real_import(name, globals, locals, fromlist, level)
        if name == "__future__":
            return real_import(name, globals, locals, fromlist, level)
        if level == 0 and name not in allowed and name.partition(".")[0] not in allowed:
            raise ImportError(f"Import of '{name}' is not allowed")
        module = real_import(name, globals, locals, fromlist, level)
        if environ_is_empty and name.partition(".")[0] == "os":
            environ_is_empty = False
            os.environ.update(live_objects.environ())
        return module

    return __import__


def script_namespace(imports, server):
    """The names that a script starts with, which are those of its module `__main__`."""
    sys.argv = [FILE_NAME]
    live_objects = LiveObjects(server)
    names = {k: v for k, v in vars(builtins).items() if k not in MISSING_BUILTINS}
    names["__import__"] = checked_import(frozenset(imports), live_objects)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    vars(module).update({"__builtins__": names, "app": live_objects.get(0, "App")})
    return vars(module)


def run_script(server, namespace):
    """Reads a script, runs it and reports how it ended."""
    try:
        run_and_report(server, namespace)
    except MemoryError as error:
        while error is not None:  # each one once, since the last may be the context of the first
            error.__traceback__ = None
            context, error.__context__ = error.__context__, None
            error = context
        namespace.clear()
        server.write(MEMORY_REPORT)
        os._exit(0)


def run_and_report(server, namespace):
    """Does so with the memory that is left."""
    start = server.receive()
    limits = start["limits"]
    PRINTED.server = server
    PRINTED.left = limits["max_output_bytes"]
    sys.stdout, sys.stderr = PRINTED, PrintedErrors()
    sys.setrecursionlimit(max(limits["max_recursion_depth"], 50))
    run_code, make_code, text_of = exec, compile, str
    try:
        run_code(make_code(start["source"], FILE_NAME, "exec", dont_inherit=True), namespace)
        if "result" not in namespace:
            server.finish({"Finished": None})
        text = text_of(namespace["result"])
        if len(text.encode()) > limits["max_result_bytes"]:
            server.finish({"LimitExceeded": "Result"})
    except BaseException as error:
        RESERVE.clear()
        server.finish(end_of(error, limits, text_of))
    server.finish({"Finished": text})


def end_of(error, limits, text_of):
    """How an exception that was not caught is reported."""
    sys.setrecursionlimit(sys.getrecursionlimit() + RECURSION_RESERVE)
    is_unset = isinstance(error, SystemError) and error.args == (NO_ROOM_FOR_CALL,)
    if isinstance(error, MemoryError) and not error.args or is_unset:
        return {"LimitExceeded": "Memory"}
    try:
        message = text_of(error).encode("utf-8", "backslashreplace")
    except BaseException:
        message = type(error).__name__.encode()
    if len(message) > limits["max_result_bytes"]:
        return {"LimitExceeded": "Result"}
    return {"Raised": message.decode()}
