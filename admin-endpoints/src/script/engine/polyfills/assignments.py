# Assignments that the engine does in another way or does not have.

def __engine_index__(i, *, type=type, bool=bool, int=int):
    return int(i) if type(i) is bool else i


def __engine_del_item__(a, i, *, isinstance=isinstance, dict=dict, list=list, int=int, len=len, type=type,
                 IndexError=IndexError, TypeError=TypeError):
    if isinstance(a, dict):
        if type(a).__name__ == 'Counter' and i not in a:
            return
        a.pop(i)
    elif isinstance(a, list):
        if isinstance(i, int):
            i = int(i)
        else:
            raise TypeError('list indices must be integers or slices, not ' + type(i).__name__)
        if i >= len(a) or i < -len(a):
            raise IndexError('list assignment index out of range')
        a.pop(i)
    else:
        raise TypeError("'" + type(a).__name__ + "' object doesn't support item deletion")


def __engine_del_slice__(a, lower, upper, step, *, isinstance=isinstance, list=list, range=range, len=len,
                  type=type, set=set, TypeError=TypeError):
    if not isinstance(a, list):
        raise TypeError("'" + type(a).__name__ + "' object does not support item deletion")
    lower = __engine_index__(lower)
    upper = __engine_index__(upper)
    step = __engine_index__(step)
    gone = set(list(range(len(a)))[lower:upper:step])
    kept = [a[i] for i in range(len(a)) if i not in gone]
    a.clear()
    a.extend(kept)


def __engine_set_slice__(value, a, lower, upper, step, *, isinstance=isinstance, list=list, range=range,
                  len=len, slice=slice, dict=dict, TypeError=TypeError, ValueError=ValueError):
    lower = __engine_index__(lower)
    upper = __engine_index__(upper)
    step = __engine_index__(step)
    if isinstance(a, dict):
        raise TypeError("unhashable type: 'slice'")
    if not isinstance(a, list):
        __engine_set_item__(value, a, slice(lower, upper, step))
        return
    try:
        new = list(value)
    except TypeError:
        raise TypeError('can only assign an iterable')
    at = list(range(len(a)))[lower:upper:step]
    if step is None or step == 1:
        n = len(a)
        start = 0 if lower is None else lower
        if start < 0:
            start = start + n if start + n > 0 else 0
        if start > n:
            start = n
        after = a[start + len(at):]
        before = a[:start]
        a.clear()
        a.extend(before)
        a.extend(new)
        a.extend(after)
    elif len(new) != len(at):
        raise ValueError('attempt to assign sequence of size ' + f'{len(new)}' +
                         ' to extended slice of size ' + f'{len(at)}')
    else:
        for n in range(len(at)):
            a[at[n]] = new[n]


def __engine_merge__(a, b, *, type=type, dict=dict):
    if type(a) is dict and type(b) is dict:
        return {**a, **b}
    return a | b


def __engine_class_of__(x, *, type=type):
    return type(x)


__engine_raw_getattr__ = getattr
__engine_raw_setattr__ = setattr


def __engine_set_attr__(value, x, name, *, getattr=__engine_raw_getattr__, setattr=__engine_raw_setattr__,
                        type=type, isinstance=isinstance, tuple=tuple, AttributeError=AttributeError):
    if getattr(x, '_engine_live_', False):
        raise AttributeError("'" + type(x).__name__ + "' object attribute '" + name + "' is read-only")
    if isinstance(x, tuple) and name in getattr(x, '_fields', ()):
        raise AttributeError("can't set attribute")
    setattr(x, name, value)


def setattr(x, name, value, /, *, store=__engine_set_attr__):
    store(value, x, name)


def __engine_set_item__(value, a, i, *, hasattr=hasattr):
    if hasattr(a, '__setitem__'):
        a.__setitem__(i, value)
    else:
        a[i] = value


def __engine_attr__(x, read):
    return x, read(x)


def __engine_aug_attr__(function, pair, name, value):
    __engine_set_attr__(function(pair[1], value), pair[0], name)


def __engine_item__(a, i, *, hasattr=hasattr):
    return a, i, (a.__getitem__(i) if hasattr(a, '__getitem__') else a[i])


def __engine_aug_item__(function, part, value, *, type=type, slice=slice):
    new = function(part[2], value)
    a, i, old = part
    if type(i) is slice:
        __engine_set_slice__(new, a, i.start, i.stop, i.step)
    else:
        __engine_set_item__(new, a, i)


def __engine_same_set__(a, new):
    items = [x for x in new]
    a.clear()
    a.update(items)
    return a


def __engine_are_numbers__(a, b, *, isinstance=isinstance, int=int, float=float):
    return isinstance(a, (int, float)) and isinstance(b, (int, float))


def __engine_plain_int__(x, *, type=type, bool=bool, int=int):
    return int(x) if type(x) is bool else x


def __engine_iadd__(a, b, *, type=type, list=list, len=len):
    if __engine_are_numbers__(a, b):
        a = __engine_plain_int__(a)
        b = __engine_plain_int__(b)
    elif type(a) is list and type(b) is not list:
        if type(b).__name__ in ('set', 'frozenset') and len(b) > 1:
            __engine_refuse__('the order of a set of numbers')
        a.extend(b)
        return a
    a += b
    return a


def __engine_in_place_error__(e, sign, *, TypeError=TypeError):
    # The engine names the operator without `=`.
    text = e.args[0] if e.args else ''
    for name in (sign, '** or pow()' if sign == '**' else sign):
        begin = 'unsupported operand type(s) for ' + name + ':'
        if text.startswith(begin):
            return TypeError('unsupported operand type(s) for ' + sign + '=:' + text[len(begin):])
    return e


def __engine_isub__(a, b, *, type=type, bool=bool, int=int, set=set):
    if __engine_are_numbers__(a, b):
        a = __engine_plain_int__(a)
        b = __engine_plain_int__(b)
    new = a
    try:
        new -= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '-')
    return __engine_same_set__(a, new) if type(a) is set else new


def __engine_imul__(a, b, *, type=type, bool=bool, int=int, list=list, range=range, OverflowError=OverflowError):
    if __engine_are_numbers__(a, b):
        a = __engine_plain_int__(a)
        b = __engine_plain_int__(b)
    if type(b) is bool and type(a).__name__ in ('str', 'bytes', 'list', 'tuple'):
        b = int(b)
    if type(b) is int and (b > 9223372036854775807 or b < -9223372036854775808):
        if type(a).__name__ in ('str', 'bytes', 'list', 'tuple'):
            raise OverflowError("cannot fit 'int' into an index-sized integer")
    if type(a) is list and type(b) is int:
        if b <= 0:
            a.clear()
        elif a:
            base = [x for x in a]
            for _ in range(b - 1):
                a.extend(base)
        return a
    if type(a).__name__ == 'deque':
        __engine_refuse__('*= of a deque')
    try:
        a *= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '*')
    return a


def __engine_ior__(a, b, *, type=type, dict=dict, set=set):
    if type(a) is dict or type(a).__name__ == 'defaultdict':
        a.update(__engine_pairs__(b))
        return a
    new = a
    try:
        new |= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '|')
    return __engine_same_set__(a, new) if type(a) is set else new


def __engine_iand__(a, b, *, type=type, set=set):
    new = a
    try:
        new &= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '&')
    return __engine_same_set__(a, new) if type(a) is set else new


def __engine_ixor__(a, b, *, type=type, set=set):
    new = a
    try:
        new ^= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '^')
    return __engine_same_set__(a, new) if type(a) is set else new


def __engine_idiv__(a, b):
    if __engine_are_numbers__(a, b):
        return __engine_div__(a, b)
    try:
        a = __engine_div__(a, b)
    except TypeError as e:
        raise __engine_in_place_error__(e, '/')
    return a


def __engine_imod__(a, b):
    try:
        return __engine_percent__(a, b)
    except TypeError as e:
        raise __engine_in_place_error__(e, '%')


def __engine_ifloordiv__(a, b):
    try:
        return __engine_floordiv__(a, b)
    except TypeError as e:
        raise __engine_in_place_error__(e, '//')


def __engine_ipow__(a, b):
    if __engine_are_numbers__(a, b):
        return __engine_pow__(a, b)
    try:
        a **= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '**')
    return a


def __engine_ilshift__(a, b):
    try:
        a <<= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '<<')
    return a


def __engine_irshift__(a, b):
    try:
        a >>= b
    except TypeError as e:
        raise __engine_in_place_error__(e, '>>')
    return a


