# The order of sets. CPython has one order for numbers that fit into its table; other numbers are
# refused, and the order of str differs between two runs of CPython.

def __engine_is_number__(x, *, type=type, int=int, bool=bool, float=float, tuple=tuple, frozenset=frozenset):
    kind = type(x)
    if kind is tuple or kind is frozenset:
        for part in x:
            if not __engine_is_number__(part):
                return False
        return True
    return kind is int or kind is bool or kind is float


def __engine_ordered__(s, *, type=type, set=set, frozenset=frozenset, int=int, bool=bool, float=float,
                       len=len, sorted=sorted, list=list):
    kind = type(s)
    if kind is not set and kind is not frozenset:
        return s
    n = len(s)
    if n < 2:
        return s
    size = 8
    while 5 * n >= 3 * (size - 1):
        size *= 2
    items = [x for x in s]
    numbers = 0
    fits = True
    for x in items:
        t = type(x)
        if t is int or t is bool:
            numbers += 1
            if x < 0 or x >= size:
                fits = False
        elif __engine_is_number__(x):
            numbers += 1
            fits = False
    if numbers == 0 or numbers < n:
        return s
    if not fits:
        __engine_refuse__('the order of a set of numbers')
    items = sorted(items)
    if kind is frozenset:
        return frozenset(items)
    s.clear()
    s.update(items)
    return s


def __engine_show__(x, depth=0, *, type=type, str=str, int=int, float=float, set=set, frozenset=frozenset,
                    list=list, tuple=tuple, dict=dict, isinstance=isinstance, len=len):
    kind = type(x)
    if kind is str or kind is int or kind is float or depth > 20:
        return x
    if kind is set or kind is frozenset:
        return __engine_ordered__(x)
    if isinstance(x, (list, tuple)):
        for part in x:
            if type(part) is frozenset and len(part) > 1:
                if [y for y in __engine_ordered__(part)] != [y for y in part]:
                    __engine_refuse__('the order of a frozenset')
            __engine_show__(part, depth + 1)
    elif isinstance(x, dict):
        __engine_show__([key for key in x], depth + 1)
        __engine_show__([x[key] for key in x], depth + 1)
    return x


def __engine_m_difference_update__(x, *others, type=type, set=set):
    if type(x) is set:
        for other in others:
            for item in list(other):
                x.discard(item)
        return None
    return x.difference_update(*others)


def __engine_m_intersection_update__(x, *others, type=type, set=set):
    if type(x) is set:
        kept = x.intersection(*others)
        x.clear()
        x.update(kept)
        return None
    return x.intersection_update(*others)


def __engine_m_symmetric_difference_update__(x, other, *, type=type, set=set):
    if type(x) is set:
        kept = x.symmetric_difference(other)
        x.clear()
        x.update(kept)
        return None
    return x.symmetric_difference_update(other)


def __engine_pop__(x, *, type=type, set=set, len=len):
    if type(x) is set and len(x) > 1:
        __engine_refuse__('pop of a set')
    return x


def __engine_is_set__(x, *, type=type, set=set, frozenset=frozenset):
    kind = type(x)
    return kind is set or kind is frozenset or kind.__name__ in ('dict_keys', 'dict_items')


def __engine_has_all__(a, b):
    for x in b:
        if x not in a:
            return False
    return True


def __engine_le__(a, b, *, len=len):
    if __engine_is_set__(a) and __engine_is_set__(b):
        return len(a) <= len(b) and __engine_has_all__(b, a)
    return a <= b


def __engine_lt__(a, b, *, len=len):
    if __engine_is_set__(a) and __engine_is_set__(b):
        return len(a) < len(b) and __engine_has_all__(b, a)
    return a < b


def __engine_ge__(a, b, *, len=len):
    if __engine_is_set__(a) and __engine_is_set__(b):
        return len(a) >= len(b) and __engine_has_all__(a, b)
    return a >= b


def __engine_gt__(a, b, *, len=len):
    if __engine_is_set__(a) and __engine_is_set__(b):
        return len(a) > len(b) and __engine_has_all__(a, b)
    return a > b


