# Operators of the script's own classes.


def __engine_binary__(a, b, name, reflected, left, right, plain, *, hasattr=__engine_plain_hasattr__, type=type):
    if hasattr(a, name):
        value = left(a, b)
        if value is not NotImplemented:
            return value
    if type(a) is not type(b) and hasattr(b, reflected):
        value = right(a, b)
        if value is not NotImplemented:
            return value
    return plain(a, b)


def __engine_is_own__(a, b, name, *, hasattr=__engine_plain_hasattr__):
    return hasattr(a, '__' + name) or hasattr(b, '__r' + name)


def __engine_op_add__(a, b):
    return __engine_binary__(a, b, '__add__', '__radd__', lambda a, b: a.__add__(b), lambda a, b: b.__radd__(a),
                             lambda a, b: __engine_int__(a) + __engine_int__(b))


def __engine_op_sub__(a, b):
    return __engine_binary__(a, b, '__sub__', '__rsub__', lambda a, b: a.__sub__(b), lambda a, b: b.__rsub__(a),
                             lambda a, b: __engine_int__(a) - __engine_int__(b))


def __engine_op_mul__(a, b):
    return __engine_binary__(a, b, '__mul__', '__rmul__', lambda a, b: a.__mul__(b), lambda a, b: b.__rmul__(a),
                             lambda a, b: __engine_int__(a) * __engine_int__(b))


def __engine_op_truediv__(a, b):
    return __engine_binary__(a, b, '__truediv__', '__rtruediv__', lambda a, b: a.__truediv__(b), lambda a, b: b.__rtruediv__(a),
                             lambda a, b: __engine_div__(a, b))


def __engine_op_floordiv__(a, b):
    return __engine_binary__(a, b, '__floordiv__', '__rfloordiv__', lambda a, b: a.__floordiv__(b), lambda a, b: b.__rfloordiv__(a),
                             lambda a, b: __engine_floordiv__(a, b))


def __engine_op_mod__(a, b):
    return __engine_binary__(a, b, '__mod__', '__rmod__', lambda a, b: a.__mod__(b), lambda a, b: b.__rmod__(a),
                             lambda a, b: __engine_percent__(a, b))


def __engine_op_pow__(a, b):
    return __engine_binary__(a, b, '__pow__', '__rpow__', lambda a, b: a.__pow__(b), lambda a, b: b.__rpow__(a),
                             lambda a, b: __engine_pow__(a, b))


def __engine_op_neg__(a, *, hasattr=__engine_plain_hasattr__):
    return a.__neg__() if hasattr(a, '__neg__') else -a


def __engine_get_item__(a, i, *, hasattr=__engine_plain_hasattr__):
    return a.__getitem__(i) if hasattr(a, '__getitem__') else a[i]


