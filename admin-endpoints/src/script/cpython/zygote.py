"""The process that workers are forked from: modules are imported, no script has run in it."""

import _imp
import dis
import errno
import gc
import importlib
import json
import os
import posix
import select
import socket
import sys
import types

CONTROL, MEMORY_MAP_SIZE, RULESET = 3, 4, 5
EMPTY_FOLDER = "/proc"  # an empty file system is mounted there
MAX_PACKET = 65536
IMPORT_NAME = dis.opmap["IMPORT_NAME"]

# What the interpreter and modules written in C import when they first need it.
LATE_IMPORTS = IMPORTED_BY_C.union(
    """__future__ linecache stringprep traceback
    encodings.ascii encodings.latin_1 encodings.utf_8 encodings.utf_8_sig
    encodings.utf_16 encodings.utf_16_le encodings.utf_16_be
    encodings.utf_32 encodings.utf_32_le encodings.utf_32_be
    encodings.idna encodings.punycode encodings.unicode_escape encodings.raw_unicode_escape
    encodings.cp1252 encodings.cp437 encodings.hex_codec encodings.base64_codec
    encodings.rot_13 encodings.utf_7
    encodings.cp1250 encodings.cp1251 encodings.cp1253 encodings.cp1254 encodings.cp850 encodings.cp866
    encodings.iso8859_1 encodings.iso8859_2 encodings.iso8859_5 encodings.iso8859_7 encodings.iso8859_9
    encodings.iso8859_15 encodings.koi8_r encodings.koi8_u encodings.mac_roman
    encodings.big5 encodings.euc_jp encodings.euc_kr encodings.gb18030 encodings.gb2312 encodings.gbk
    encodings.shift_jis""".split()
)

# What functions of these packages import is large, and for files, processes and developers.
NOT_SEARCHED = frozenset(
    """argparse asyncio ctypes dis importlib inspect linecache logging os pathlib posixpath shutil
    socket subprocess tokenize traceback tracemalloc unittest warnings zipfile""".split()
)
NEVER_IMPORTED = frozenset(
    "argparse doctest importlib inspect multiprocessing pdb pydoc test tkinter unittest".split()
)


def import_all(names):
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            pass  # the import fails in the script too, with its own message


def import_what_functions_import():
    """Imports inside of functions, which could not read files any more in a worker."""
    functions = [f for f in gc.get_objects() if type(f) is types.FunctionType]
    for function in functions:
        package = function.__globals__.get("__name__", "").partition(".")[0]
        if package in NOT_SEARCHED:
            continue
        for name, fromlist, level in imports_in(function.__code__):
            if name.partition(".")[0] in NEVER_IMPORTED:
                continue
            try:
                __import__(name, function.__globals__, None, fromlist, level)
            except Exception:
                pass


def imports_in(code):
    """The arguments of each import in a function."""
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            yield from imports_in(constant)
    if IMPORT_NAME not in code.co_code[::2]:
        return
    last, before = None, None
    for instruction in dis.get_instructions(code):
        if instruction.opcode == IMPORT_NAME:
            yield instruction.argval, last, before
        last, before = instruction.argval, last


def not_permitted(*_):
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def refuse_functions():
    """Functions that return what is in memory where the kernel refuses their call, and the one that
    loads modules written in C, such as `ctypes`. Isolation does not rely on this."""
    for module in (os, posix):
        module.times = not_permitted
        module.sysconf = not_permitted
    _imp.create_dynamic = not_permitted


class Zygote:
    def __init__(self, settings):
        self.settings = settings
        self.kernel = Kernel(settings["system_calls"])
        self.pid_namespaces = settings["namespaces"]
        self.control = socket.socket(fileno=CONTROL)
        self.statuses = {}  # the socket for the exit status, by the descriptor of the process
        self.poll = select.poll()

    def prepare(self):
        """Imports modules and gives up what imports needed."""
        import_all(LATE_IMPORTS)
        import_all(self.settings["modules"])
        if "zoneinfo" in sys.modules:
            import_all(["importlib.resources"])  # it looks for a package of zones
        import_what_functions_import()
        for name in [n for n in sys.modules if n.partition(".")[0] in ("ctypes", "_ctypes")]:
            del sys.modules[name]
        refuse_functions()
        os.environ.clear()
        os.dup2(1, 0)  # the null device instead of this program
        kernel = self.kernel
        step("ParentDeathSignal", kernel.end_with_parent)
        if os.getppid() != self.settings["server"]:
            raise SetupFailed("ParentDeathSignal", None)
        step("NoNewPrivileges", kernel.forbid_debugging)
        kernel.set_name(b"script-zygote")
        kernel.exit_on_signals()
        if self.settings["mount_namespace"]:
            self.settings["mount_namespace"] = works(os.chroot, EMPTY_FOLDER) and works(
                os.chdir, "/"
            )
        if self.settings["landlock"]:
            self.settings["landlock"] = works(kernel.deny_files, RULESET)
        os.closerange(RULESET, RULESET + 1)
        self.settings["filters"] = [
            Filter.from_hex(self.settings[name]) for name in ("filter", "filter_of_first_process")
        ]
        self.server = Server()
        warm_up(rounds=20)
        self.namespace = script_namespace(self.settings["modules"], self.server)
        gc.collect()
        gc.freeze()  # workers do not copy the pages of what is there already
        self.mapped_bytes = self.read_mapped_bytes()

    def read_mapped_bytes(self):
        pages = int(step("ReadProc", os.pread, MEMORY_MAP_SIZE, 128, 0).split()[0])
        os.close(MEMORY_MAP_SIZE)
        return pages * resource.getpagesize()

    def tell(self, message, descriptors=()):
        socket.send_fds(self.control, [json.dumps(message).encode()], descriptors)

    def serve(self):
        """Forks a worker for each request; ends with the server's last one."""
        self.poll.register(CONTROL, select.POLLIN)
        serving = True
        while serving or self.statuses:
            for descriptor, _ in self.poll.poll():
                if descriptor in self.statuses:
                    self.report_end(descriptor)
                elif not self.handle_request():
                    serving = False
                    self.poll.unregister(CONTROL)

    def handle_request(self):
        """Returns whether the server may want further workers."""
        packet, received, _, _ = socket.recv_fds(self.control, MAX_PACKET, 2)
        if not packet:
            return False
        stream, status = received
        try:
            process = self.fork()
        except OSError as error:
            self.tell({"Err": error.errno})
            os.close(status)
        else:
            if process is None:
                self.work(json.loads(packet), stream)
            self.statuses[process] = status
            self.poll.register(process, select.POLLIN)
            self.tell({"Ok": None}, [process])
        os.close(stream)
        return True

    def fork(self):
        if self.pid_namespaces:
            try:
                return self.kernel.fork(pid_namespace=True)
            except OSError as error:
                # Refused by the kernel's policy or limits for namespaces, not for lack of memory.
                if error.errno not in (errno.EPERM, errno.ENOSPC, errno.EINVAL):
                    raise
                self.pid_namespaces = False
        return self.kernel.fork(pid_namespace=False)

    def report_end(self, process):
        ended = os.waitid(os.P_PIDFD, process, os.WEXITED | os.WNOHANG)
        if ended is None:
            return
        status = self.statuses.pop(process)
        message = exit_status(ended).to_bytes(4, "little", signed=True)
        try:
            os.write(status, message)
        except OSError:
            pass  # the server may have ended
        self.poll.unregister(process)
        os.close(process)
        os.close(status)

    def work(self, request, stream):
        """Runs one script in this process, which is a worker."""
        limits = request["limits"]
        self.kernel.set_name(b"admin-script")
        os.dup2(stream, STREAM)
        server = self.server
        try:
            isolation = isolate_worker(self.kernel, self.settings, limits, self.mapped_bytes)
        except SetupFailed as failure:
            name, number = failure.args
            server.send({"SetupFailed": {"step": name, "errno": number}})
            os._exit(1)
        server.send({"Isolated": isolation})
        if request["in_advance"]:
            warm_up(rounds=1)  # the pages that scripts write to are this process's own then
        run_script(server, self.namespace)


def warm_up(rounds):
    """What each worker does, so that it finds code that is optimised and changes fewer pages."""
    for _ in range(rounds):
        text = ENCODER.encode({"source": "result = 1 + 1", "limits": {"a": [None, 1.5]}})
        message = DECODER.decode(text)
        names = {"__builtins__": vars(builtins)}
        exec(compile(message["source"], FILE_NAME, "exec", dont_inherit=True), names)
        str(names["result"]).encode().decode()


def exit_status(ended):
    """How a worker ended: its exit code, or a negative signal."""
    if ended.si_code != os.CLD_EXITED:
        return -ended.si_status
    if ended.si_status == signal.SIGPROF:
        return -signal.SIGXCPU
    return -ended.si_status if ended.si_status in ENDING_SIGNALS else ended.si_status


def run_zygote(settings):
    zygote = Zygote(settings)
    try:
        zygote.prepare()
    except SetupFailed as failure:
        name, number = failure.args
        zygote.tell({"Failed": {"step": name, "errno": number}})
        os._exit(1)
    zygote.tell({"Ready": {"python": ".".join(map(str, sys.version_info[:3]))}})
    zygote.serve()
    os._exit(0)
