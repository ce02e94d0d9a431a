"""Whether this interpreter can run scripts. Any Python 3 reads this file; the others follow it."""

import os
import sys

CONTROL_SOCKET = 3
OLDEST, TOO_NEW = (3, 9), (3, 15)
NEEDED_MODULES = "ctypes errno json resource select signal socket".split()


def refuse(reason):
    os.write(CONTROL_SOCKET, reason.encode())
    os._exit(1)


def check_version(version):
    if not OLDEST <= version[:2] < TOO_NEW:
        shown = ".".join(str(part) for part in version[:3])
        refuse('{"UnsupportedVersion": "%s"}' % shown)
    if sys.implementation.name != "cpython":
        refuse('{"UnsupportedVersion": "%s"}' % sys.implementation.name)


def check_modules():
    for name in NEEDED_MODULES:
        try:
            __import__(name)
        except ImportError:
            refuse('{"MissingModule": "%s"}' % name)


check_version(sys.version_info)
check_modules()
