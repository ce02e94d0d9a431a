# A refusal at run time. It is recorded, because a script may catch the exception.
__engine_refused__ = []


def __engine_refuse__(what, *, refused=__engine_refused__, Stop=KeyboardInterrupt):
    refused.append(what)
    raise Stop(what)


__engine_plain_hasattr__ = hasattr
# Not empty once a bool was taken for an int.
__engine_converted__ = set()


