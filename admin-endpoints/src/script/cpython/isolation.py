"""What the kernel is asked for: the zygote once, and each worker before it reads its script.

The numbers and the filter come from Rust; `ctypes` makes the calls that Python lacks.
"""

import ctypes
import os
import resource
import signal

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
CLONE_PIDFD = 0x1000
CLONE_NEWPID = 0x20000000
CAPABILITY_VERSION_3 = 0x20080522

# Each ends the worker with its own number, whatever code runs; see `exit_status`.
ENDING_SIGNALS = (signal.SIGABRT, signal.SIGXCPU, signal.SIGPROF)


class Filter(ctypes.Structure):
    """A seccomp filter, as the kernel reads it."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]

    @classmethod
    def from_hex(cls, digits):
        program = bytes.fromhex(digits)
        return cls(len(program) // 8, program)


class SetupFailed(Exception):
    """A required step failed: its name and the error number."""


class Kernel:
    """System calls."""

    def __init__(self, numbers):
        self.numbers = numbers
        # These functions keep the interpreter's lock, which a fork depends on.
        self.libc = ctypes.PyDLL(None, use_errno=True)
        self.libc.syscall.restype = ctypes.c_long
        self.libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
        self.libc.signal.restype = ctypes.c_void_p
        # Types of arrays are made where they are named, which takes a worker 0.2 ms.
        self.capability_header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        self.no_capabilities = (ctypes.c_uint32 * 6)()

    def call(self, name, *arguments):
        arguments = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
        result = self.libc.syscall(ctypes.c_long(self.numbers[name]), *arguments)
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def end_with_parent(self):
        self.call("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)

    def forbid_debugging(self):
        self.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)

    def close_all_except(self, kept):
        """`os.closerange` makes a call for each number in older versions."""
        self.call("close_range", 0, kept - 1, 0)
        self.call("close_range", kept + 1, 2**32 - 1, 0)

    def set_name(self, name):
        self.call("prctl", PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)

    def deny_files(self, ruleset):
        self.call("landlock_restrict_self", ruleset, 0)

    def drop_capabilities(self):
        self.call("capset", self.capability_header, self.no_capabilities)

    def exit_on_signals(self):
        """A function of C, so that code that never returns to the interpreter ends too."""
        for number in ENDING_SIGNALS:
            self.libc.signal(number, ctypes.cast(self.libc._exit, ctypes.c_void_p))

    def filter_calls(self, program):
        """Installs a seccomp filter."""
        self.call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)

    def fork(self, pid_namespace):
        """As `os.fork`, with a descriptor of the child; zero and None in the child."""
        process = ctypes.c_int(-1)
        flags = CLONE_PIDFD | int(signal.SIGCHLD) | (CLONE_NEWPID if pid_namespace else 0)
        python = ctypes.pythonapi
        python.PyOS_BeforeFork()
        try:
            child = self.call("clone", flags, 0, ctypes.byref(process), 0, 0)
        except OSError:
            python.PyOS_AfterFork_Parent()
            raise
        if child == 0:
            python.PyOS_AfterFork_Child()
            return None
        python.PyOS_AfterFork_Parent()
        return process.value


def step(name, function, *arguments):
    """Runs a required step."""
    try:
        return function(*arguments)
    except (OSError, ValueError) as error:
        raise SetupFailed(name, getattr(error, "errno", None)) from error


def works(function, *arguments):
    """Whether a step that depends on the kernel works."""
    try:
        function(*arguments)
    except OSError:
        return False
    return True


def limit_resources(limits, mapped_bytes):
    wanted = {
        resource.RLIMIT_AS: mapped_bytes + limits["memory_bytes"],
        resource.RLIMIT_CPU: limits["cpu"]["secs"] + 1,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for kind, limit in wanted.items():
        most = resource.getrlimit(kind)[1]  # which nobody without privileges can raise
        if most != resource.RLIM_INFINITY:
            limit = min(limit, most)
        limit = min(limit, 2**63 - 1)
        # At the maximum of CPU time the kernel sends SIGKILL, which does not name the limit.
        grace = 1 if kind == resource.RLIMIT_CPU and limit != most else 0
        resource.setrlimit(kind, (limit, limit + grace))


def isolate_worker(kernel, settings, limits, mapped_bytes):
    """Isolates this process, which has the stream and nothing else; returns what works."""
    step("ParentDeathSignal", kernel.end_with_parent)
    step("CloseDescriptors", kernel.close_all_except, STREAM)
    step("ResourceLimits", limit_resources, limits, mapped_bytes)
    step("DropCapabilities", kernel.drop_capabilities)
    seconds = limits["cpu"]["secs"] + limits["cpu"]["nanos"] / 1e9
    step("ResourceLimits", signal.setitimer, signal.ITIMER_PROF, max(seconds, 1e-6))
    first = os.getpid() == 1
    return {
        "seccomp": works(kernel.filter_calls, settings["filters"][first]),
        "landlock": settings["landlock"],
        "namespaces": settings["namespaces"],
        "pid_namespace": first,
        "mount_namespace": settings["mount_namespace"],
        "oom_score_adj": settings["oom_score_adj"],
    }
