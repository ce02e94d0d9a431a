# Attributes and texts of built-in values.
__engine_raw_hasattr__ = hasattr
__engine_value_getattr__ = getattr
__engine_builtin_names__ = set('''
    __abs__ __abstractmethods__ __add__ __and__ __annotations__ __base__ __bases__ __basicsize__ 
    __bool__ __builtins__ __bytes__ __call__ __ceil__ __class__ __class_getitem__ __closure__ 
    __code__ __contains__ __copy__ __defaults__ __delattr__ __delitem__ __dict__ __dictoffset__ 
    __dir__ __divmod__ __doc__ __eq__ __flags__ __float__ __floor__ __floordiv__ __format__ __ge__ 
    __get__ __getattribute__ __getformat__ __getitem__ __getnewargs__ __getstate__ __globals__ 
    __gt__ __hash__ __iadd__ __iand__ __imul__ __index__ __init__ __init_subclass__ 
    __instancecheck__ __int__ __invert__ __ior__ __isub__ __itemsize__ __iter__ __ixor__ 
    __kwdefaults__ __le__ __len__ __lshift__ __lt__ __missing__ __mod__ __module__ __mro__ __mul__ 
    __name__ __ne__ __neg__ __new__ __or__ __pos__ __pow__ __prepare__ __qualname__ __radd__ 
    __rand__ __rdivmod__ __reduce__ __reduce_ex__ __repr__ __reversed__ __rfloordiv__ __rlshift__ 
    __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ 
    __rxor__ __self__ __setattr__ __setitem__ __sizeof__ __str__ __sub__ __subclasscheck__ 
    __subclasses__ __subclasshook__ __text_signature__ __truediv__ __trunc__ __weakref__ 
    __weakrefoffset__ __xor__ _keep_positive add append appendleft as_integer_ratio bit_count 
    bit_length capitalize casefold center clear conjugate copy count decode default_factory 
    denominator difference difference_update discard elements encode endswith expandtabs extend 
    extendleft find format format_map from_bytes fromhex fromkeys get hex imag index insert 
    intersection intersection_update is_integer isalnum isalpha isascii isdecimal isdigit 
    isdisjoint isidentifier islower isnumeric isprintable isspace issubset issuperset istitle 
    isupper items join keys ljust lower lstrip maketrans maxlen most_common mro numerator partition 
    pop popitem popleft real remove removeprefix removesuffix replace reverse rfind rindex rjust 
    rotate rpartition rsplit rstrip setdefault sort split splitlines start startswith step stop 
    strip subtract swapcase symmetric_difference symmetric_difference_update title to_bytes total 
    translate union update upper values zfill
'''.split())
__engine_builtin_types__ = (str, int, float, bool, list, dict, set, tuple, bytes, frozenset, range, type(None))


def __engine_is_plain__(x, *, type=type, isinstance=isinstance, types=__engine_builtin_types__):
    return isinstance(x, types) or type(x).__name__ in (
        'function', 'builtin_function_or_method', 'type', 'module', 'Counter', 'defaultdict', 'deque',
        'datetime', 'date', 'time', 'timedelta', 'timezone', 'Match', 'Pattern', 'PosixPath')


def __engine_must_answer__(x, *, has=__engine_raw_hasattr__):
    if has(x, '_engine_live_') and not has(x, 'engine0answers'):
        __engine_refuse__(None)


def hasattr(x, name, /, *, plain=__engine_raw_hasattr__, names=__engine_builtin_names__):
    if __engine_is_plain__(x) and name in names:
        __engine_refuse__('hasattr of built-in values')
    found = plain(x, name)
    if not found:
        __engine_must_answer__(x)
    return found


def getattr(x, name, /, *default, plain=__engine_value_getattr__, names=__engine_builtin_names__):
    if __engine_is_plain__(x) and name in names:
        __engine_refuse__('getattr of built-in values')
    if default:
        __engine_must_answer__(x)
    return plain(x, name, *default)


def __engine_method__(x, call, read, *, type=type):
    if type(x) in __engine_builtin_types__ or type(x).__name__ in ('Counter', 'defaultdict', 'deque'):
        return lambda *a, **k: call(x, *a, **k)
    return read(x)


def __engine_of__(x, kind, name, *, isinstance=isinstance, type=type, TypeError=TypeError):
    if not isinstance(x, kind):
        raise TypeError("descriptor '" + name + "' for '" + kind.__name__ + "' objects doesn't apply to a '" +
                        type(x).__name__ + "' object")
    return x


def __engine_exception__(kind, *args, type=type, str=str, len=len):
    if len(args) == 0:
        return kind()
    if len(args) == 1:
        text = args[0]
        return kind(text if type(text) is str else f'{text!s}')
    return kind(f'{args!s}')


def ascii(x, /, *, ord=ord):
    out = []
    for letter in f'{x!r}':
        code = ord(letter)
        if code < 128:
            out.append(letter)
        elif code < 256:
            out.append('\\x' + f'{code:02x}')
        elif code < 65536:
            out.append('\\u' + f'{code:04x}')
        else:
            out.append('\\U' + f'{code:08x}')
    return ''.join(out)


def __engine_formatted__(x, *, type=type, TypeError=TypeError):
    kind = type(x).__name__
    if kind not in ('str', 'int', 'float', 'bool', 'date', 'datetime', 'time'):
        if kind in ('function', 'builtin_function_or_method', 'list_iterator'):
            __engine_refuse__('the name of this class')
        if kind in ('deque', 'defaultdict'):
            kind = 'collections.' + kind
        elif kind in ('timedelta', 'timezone'):
            kind = 'datetime.' + kind
        elif kind in ('Pattern', 'Match'):
            kind = 're.' + kind
        raise TypeError('unsupported format string passed to ' + kind + '.__format__')
    if kind in ('date', 'datetime') and x.year < 1000:
        __engine_refuse__('years before 1000')
    return x


def __engine_undated__(x, *, type=type):
    if type(x).__name__ in ('date', 'datetime', 'time'):
        __engine_refuse__('this format of a date')
    return __engine_formatted__(x)


def __engine_m_index__(x, *args, type=type, list=list, tuple=tuple, len=len, ValueError=ValueError):
    if type(x) is list and len(args) > 0:
        try:
            return x.index(*args)
        except ValueError:
            pass
        raise ValueError(f'{args[0]!r} is not in list')
    if __engine_is_behind__(x, args[1:]):
        raise ValueError('substring not found' if type(x).__name__ == 'str' else 'subsection not found')
    return x.index(*args)


def format(value, spec='', /, *, type=type, str=str, TypeError=TypeError):
    if type(spec) is not str:
        raise TypeError('format() argument 2 must be str, not ' + type(spec).__name__)
    if spec:
        value = __engine_formatted__(value) if '%' in spec else __engine_undated__(value)
    return f'{value:{spec}}'


def callable(x, /, *, type=type):
    return type(x).__name__ in ('function', 'builtin_function_or_method', 'type', 'method', 'partial')


__engine_value_types__ = (type, str, isinstance, list, bytes, tuple, dict, set, frozenset, len, int)


def __engine_m_format__(x, /, *args, **keyword):
    type, str, isinstance, list, bytes, tuple, dict, set, frozenset, len, int = __engine_value_types__
    if type(x) is str and ':' in x:
        for value in list(args) + list(keyword.values()):
            kind = type(value).__name__
            if kind in ('date', 'datetime'):
                __engine_formatted__(value)
            if kind not in ('str', 'int', 'float', 'bool'):
                __engine_check_fields__(x, args, keyword)
                break
    return x.format(*args, **keyword)


def __engine_check_fields__(text, args, keyword):
    # A specification for a value that has none, before the value is formatted.
    type, str, isinstance, list, bytes, tuple, dict, set, frozenset, len, int = __engine_value_types__
    number = 0
    at = text.find('{')
    while at >= 0:
        if text[at + 1:at + 2] == '{':
            at = text.find('{', at + 2)
            continue
        end = text.find('}', at)
        field = text[at + 1:end]
        name = field.split(':')[0].split('!')[0]
        index = number
        if name == '':
            number += 1
        elif name.isdigit():
            index = int(name)
        else:
            index = -1
        if ':' in field and '!' not in field and field[-1:] != ':':
            if '{' in field or '.' in name or '[' in name:
                __engine_refuse__('format with nested fields')
            check = __engine_formatted__ if '%' in field else __engine_undated__
            if index >= 0 and index < len(args):
                check(args[index])
            elif index < 0 and name in keyword:
                check(keyword[name])
        at = text.find('{', end) if end >= 0 else -1


def __engine_m_format_map__(x, mapping, /, *, isinstance=isinstance, str=str, type=type, dict=dict):
    if isinstance(x, str):
        if type(mapping) is not dict:
            __engine_refuse__('format_map of other mappings than dict')
        return x.format(**mapping)
    return x.format_map(mapping)


def __engine_path__(x, *, type=type, str=str):
    if type(x) is str and (x == '' or x[:2] == '//' or '\\' in x or x[-1:] == '.' and x.strip('./') != ''):
        __engine_refuse__('this path')
    return x


def __engine_part__(x):
    return x if x == '' else __engine_path__(x)


def __engine_m_joinpath__(x, *parts):
    for part in parts:
        __engine_part__(part)
    return x.joinpath(*parts)


def __engine_m_with_name__(x, name, /):
    return x.with_name(__engine_part__(name))


def __engine_m_with_suffix__(x, suffix, /, *, type=type, str=str, ValueError=ValueError):
    if type(x).__name__ == 'PosixPath' and type(suffix) is str and suffix:
        if suffix[0] != '.' or suffix == '.' or '/' in suffix:
            raise ValueError(f'Invalid suffix {suffix!r}')
    return x.with_suffix(__engine_part__(suffix))


def __engine_m__replace__(x, /, *args, isinstance=isinstance, tuple=tuple, ValueError=ValueError, **values):
    if isinstance(x, tuple) and not args:
        unknown = [name for name in values if name not in x._fields]
        if unknown:
            raise ValueError(f'Got unexpected field names: {unknown!r}')
    return x._replace(*args, **values)


__engine_raw_chr__ = chr


def chr(i, /, *, type=type, int=int, plain=__engine_raw_chr__, OverflowError=OverflowError):
    if type(i) is int and (i > 2147483647 or i < -2147483648):
        raise OverflowError('Python int too large to convert to C int')
    if type(i) is int and 55296 <= i <= 57343:
        __engine_refuse__('surrogates')
    return plain(i)


def __engine_m_center__(x, width, fill=' ', /, *, type=type, str=str, int=int, len=len):
    if type(x) is str and type(width) is int and type(fill) is str and len(fill) == 1:
        pad = width - len(x)
        if pad <= 0:
            return x
        left = pad // 2 + (pad & width & 1)
        return fill * left + x + fill * (pad - left)
    return x.center(width, fill)


# The engine ends lines at line feeds and carriage returns.
__engine_other_lines__ = ('\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029')


def __engine_m_splitlines__(x, *args, type=type, str=str, bool=bool, int=int, isinstance=isinstance, bytes=bytes,
                            ends=__engine_other_lines__, **keywords):
    if isinstance(x, (str, bytes)):
        for keep in (*args, *keywords.values()):
            if type(keep) is not bool and type(keep) is not int:
                __engine_refuse__('the method splitlines of this text')
    if type(x) is str:
        for end in ends:
            if end in x:
                if args or keywords or '\r' in x:
                    __engine_refuse__('the method splitlines of this text')
                x = x.replace(end, '\n')
    if keywords:
        return x.splitlines(*args, **keywords)
    return x.splitlines(*args)


def __engine_m_title__(x, *args, type=type, str=str, ord=ord):
    if type(x) is str:
        for letter in x:
            if ord(letter) > 127:
                __engine_refuse__('the method title of this text')
    return x.title(*args)


def __engine_m_capitalize__(x, *args, type=type, str=str, ord=ord):
    if type(x) is str and x and ord(x[0]) > 127:
        __engine_refuse__('the method capitalize of this text')
    return x.capitalize(*args)


# Searches from a place behind the end.

def __engine_is_behind__(x, bounds, *, type=type, len=len, isinstance=isinstance, int=int):
    if type(x).__name__ not in ('str', 'bytes') or not bounds:
        return False
    n = len(x)
    start = 0 if bounds[0] is None else bounds[0]
    end = n if len(bounds) < 2 or bounds[1] is None else bounds[1]
    if not isinstance(start, int) or not isinstance(end, int):
        return False
    start = start + n if start < 0 else start
    end = end + n if end < 0 else end
    start = 0 if start < 0 else start
    end = 0 if end < 0 else n if end > n else end
    return start > end


def __engine_m_find__(x, part, *bounds):
    return -1 if __engine_is_behind__(x, bounds) else x.find(part, *bounds)


def __engine_m_rfind__(x, part, *bounds):
    return -1 if __engine_is_behind__(x, bounds) else x.rfind(part, *bounds)


def __engine_m_rindex__(x, part, *bounds, type=type, str=str, ValueError=ValueError):
    if __engine_is_behind__(x, bounds):
        raise ValueError('substring not found' if type(x) is str else 'subsection not found')
    return x.rindex(part, *bounds)


def __engine_m_count__(x, part, *bounds):
    return 0 if __engine_is_behind__(x, bounds) else x.count(part, *bounds)


def __engine_m_startswith__(x, part, *bounds):
    return False if __engine_is_behind__(x, bounds) else x.startswith(part, *bounds)


def __engine_m_endswith__(x, part, *bounds):
    return False if __engine_is_behind__(x, bounds) else x.endswith(part, *bounds)


# The engine's classes of characters beyond ASCII are others.
from unicodedata import category as __engine_category__


def __engine_is_other_text__(x, *, type=type, str=str):
    return type(x) is str and not x.isascii()


def __engine_all_of__(x, kinds, unknown, *, category=__engine_category__):
    for letter in x:
        kind = category(letter)
        if kind in unknown and not letter.isascii():
            __engine_refuse__('this test of letters')
        if kind not in kinds and kind[0] not in kinds:
            return False
    return True


def __engine_m_isalpha__(x):
    return __engine_all_of__(x, ('L',), ()) if __engine_is_other_text__(x) else x.isalpha()


def __engine_m_isalnum__(x):
    return __engine_all_of__(x, ('L', 'N'), ()) if __engine_is_other_text__(x) else x.isalnum()


def __engine_m_isdecimal__(x):
    return __engine_all_of__(x, ('Nd',), ()) if __engine_is_other_text__(x) else x.isdecimal()


# Digits that are not decimal digits, such as those of exponents.
__engine_other_digits__ = (
    (178, 179), (185, 185), (4969, 4977), (6618, 6618), (8304, 8304), (8308, 8313), (8320, 8329), (9312, 9320),
    (9332, 9340), (9352, 9360), (9450, 9450), (9461, 9469), (9471, 9471), (10102, 10110), (10112, 10120), (10122,
    10130), (68160, 68163), (69216, 69224), (69714, 69722), (127232, 127242),
)


def __engine_in_ranges__(code):
    for first, last in __engine_other_digits__:
        if first <= code <= last:
            return True
    return False


def __engine_m_isdigit__(x, *, ord=ord):
    if not __engine_is_other_text__(x):
        return x.isdigit()
    for letter in x:
        if __engine_category__(letter) != 'Nd':
            if not __engine_in_ranges__(ord(letter)):
                return False
    return True


def __engine_m_isnumeric__(x):
    return __engine_all_of__(x, ('N',), ('Lo',)) if __engine_is_other_text__(x) else x.isnumeric()


def __engine_m_istitle__(x):
    if __engine_is_other_text__(x):
        __engine_refuse__('this test of letters')
    return x.istitle()


def __engine_spaced__(x, *, type=type, str=str):
    if type(x) is str:
        for letter in '\x1c\x1d\x1e\x1f':
            if letter in x:
                __engine_refuse__('whitespace of U+001C to U+001F')
    return x
