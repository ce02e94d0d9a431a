# A refusal at run time. It is recorded, because a script may catch the exception.
__engine_refused__ = []


# Exceptions that the script has handled, and the line of the `try`.
__engine_handled_errors__ = {}


def __engine_handles__(e, line, *, handled=__engine_handled_errors__, len=len):
    # Not a question to the host, which is not possible inside a function that a built-in calls.
    if e is not None and len(handled) < 1000:
        handled.setdefault(f'{e!r}', [e, line])


# `None` stands for a question to the host where none can be answered.
def __engine_refuse__(what, *, refused=__engine_refused__, Stop=KeyboardInterrupt):
    refused.append(what)
    raise Stop(f'{what}')


__engine_plain_hasattr__ = hasattr
# Not empty once a bool was taken for an int.
__engine_converted__ = set()


