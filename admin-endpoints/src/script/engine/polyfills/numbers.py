# Arithmetic: bools are ints, and results are rounded once.
__engine_raw_round__ = round
__engine_raw_sum__ = sum
__engine_hash__ = hash
from math import fmod as __engine_fmod__


def __engine_int__(x, *, type=type, bool=bool, int=int, converted=__engine_converted__):
    if type(x) is bool:
        converted.add(0)
        return int(x)
    return x


def __engine_float_of_bytes__(x, *, chr=chr, float=float, ValueError=ValueError):
    try:
        return float(''.join([chr(b) if b < 128 else '?' for b in x]))
    except ValueError:
        pass
    raise ValueError(f'could not convert string to float: {x!r}')


def __engine_without_underscores__(text, *, len=len, range=range):
    # Each stands between two digits; otherwise the text stays, which is no number.
    for at in [i for i in range(len(text)) if text[i] == '_']:
        if not text[at - 1:at].isdigit() or not text[at + 1:at + 2].isdigit():
            return text
    return text.replace('_', '')


def __engine_float__(*args, bytes=bytes, float=float, int=int, type=type, len=len, str=str, OverflowError=OverflowError):
    if len(args) != 1 or type(args[0]) is not int:
        if len(args) == 1 and type(args[0]) is bytes:
            return __engine_float_of_bytes__(args[0])
        if len(args) == 1 and type(args[0]) is str and '_' in args[0]:
            return float(__engine_without_underscores__(args[0]))
        return float(*args)
    x = args[0]
    if -4611686018427387904 <= x <= 4611686018427387904:
        return float(x)
    if len(bin(x)) > 1100:
        raise OverflowError('int too large to convert to float')
    value = float(str(x))
    if value - value != 0:
        raise OverflowError('int too large to convert to float')
    return value


def __engine_compared_float__(*args):
    value = __engine_float__(*args)
    return __engine_not_nan__(value)


def __engine_not_nan__(x, *, type=type, float=float):
    if type(x) is float and x != x:
        __engine_refuse__('comparing values that may contain nan')
    return x


def __engine_pow__(a, b, *, type=type, bool=bool, int=int, float=float, OverflowError=OverflowError):
    if type(a) is bool:
        a = int(a)
        __engine_converted__.add(0)
    if type(b) is bool:
        b = int(b)
        __engine_converted__.add(0)
    if type(a) is float and type(b) is int:
        b = __engine_float__(b)
    elif type(a) is int and type(b) is float:
        a = __engine_float__(a)
    if type(a) is int and type(b) is int and b < 0 and a != 0:
        a = __engine_float__(a)
        b = __engine_float__(b)
        value = a ** b
        return value
    value = a ** b
    if type(value) is float and value - value != 0:
        if value != value:
            __engine_refuse__('powers that are complex or nan')
        if (type(a) is int or a - a == 0) and (type(b) is int or b - b == 0):
            raise OverflowError("(34, 'Numerical result out of range')")
    return value


__engine_raw_pow__ = pow


def pow(base, exp, mod=None, *, plain=__engine_raw_pow__):
    if mod is None:
        return __engine_pow__(base, exp)
    return plain(base, exp, mod)


def __engine_infinite_rest__(a, b):
    # The rest of a division by an infinity.
    if a - a != 0 or b != b:
        __engine_refuse__('remainders of inf and nan')
    if a == 0:
        return 0.0 if b > 0 else -0.0
    return b if (b < 0) != (a < 0) else a


def __engine_no_division__(a, b, whole, real, *, type=type, float=float, ZeroDivisionError=ZeroDivisionError):
    raise ZeroDivisionError(real if type(a) is float or type(b) is float else whole)


def __engine_is_zero__(a, b, *, type=type, int=int, float=float):
    ta = type(a)
    tb = type(b)
    return (tb is int or tb is float) and b == 0 and (ta is int or ta is float)


def __engine_div__(a, b, *, type=type, bool=bool, int=int, float=float, len=len, bin=bin, divmod=divmod,
                   abs=abs, str=str, OverflowError=OverflowError, ZeroDivisionError=ZeroDivisionError, to_float=__engine_float__):
    ta = type(a)
    tb = type(b)
    if ta is bool:
        a = int(a)
        __engine_converted__.add(0)
        ta = int
    if tb is bool:
        b = int(b)
        __engine_converted__.add(0)
        tb = int
    if __engine_is_zero__(a, b):
        __engine_no_division__(a, b, 'division by zero', 'float division by zero')
    if ta is float and tb is float:
        return a / b
    if ta is int and tb is int:
        if (-9007199254740992 <= a <= 9007199254740992 and -9007199254740992 <= b <= 9007199254740992):
            return a / b
        negative = (a < 0) != (b < 0)
        a = abs(a)
        b = abs(b)
        if a == 0:
            return -0.0 if negative else 0.0
        shift = 70 - (len(bin(a)) - len(bin(b)))
        if shift > 0:
            quotient, rest = divmod(a << shift, b)
        else:
            quotient, rest = divmod(a, b << -shift)
        if rest:
            quotient = quotient | 1
        value = float(str(quotient))
        if shift > 1000:
            value = value / 2.0 ** 1000
            shift = shift - 1000
            if shift > 60:
                __engine_refuse__('divisions with results near zero')
        if shift < -953:
            raise OverflowError('integer division result too large for a float')
        value = value / 2.0 ** shift if shift > 0 else value * 2.0 ** -shift
        if value - value != 0:
            raise OverflowError('integer division result too large for a float')
        return -value if negative else value
    if ta is int and tb is float:
        return to_float(a) / b
    if ta is float and tb is int:
        return a / to_float(b)
    if ta.__name__ == 'PosixPath' or tb.__name__ == 'PosixPath':
        __engine_part__(a)
        __engine_part__(b)
    elif ta.__name__ == 'timedelta' and tb is int and b == 0:
        raise ZeroDivisionError('integer division or modulo by zero')
    return a / b


def __engine_floordiv__(a, b, *, fmod=__engine_fmod__, type=type, str=str, bool=bool, int=int, float=float, to_float=__engine_float__):
    if type(a).__name__ == 'timedelta':
        return __engine_delta_floordiv__(a, b)
    if type(a) is bool:
        a = int(a)
        __engine_converted__.add(0)
    if type(b) is bool:
        b = int(b)
        __engine_converted__.add(0)
    if __engine_is_zero__(a, b):
        __engine_no_division__(a, b, 'integer division or modulo by zero', 'float floor division by zero')
    if type(a) is float and type(b) is int:
        b = to_float(b)
    elif type(b) is float and type(a) is int:
        a = to_float(a)
    if type(a) is float and type(b) is float and b != 0 and (a - a != 0 or b - b != 0):
        rest = __engine_infinite_rest__(a, b)
        if rest == b:
            return -1.0
        return -0.0 if str(a / b)[0] == '-' else 0.0
    if type(a) is float and type(b) is float and b != 0 and a - a == 0 and b - b == 0:
        # Not floor(a / b), which is rounded twice.
        rest = fmod(a, b)
        div = (a - rest) / b
        if rest and (b < 0) != (rest < 0):
            div -= 1.0
        if div == 0:
            return 0.0 if str(a / b)[0] != '-' else -0.0
        if div > 9.1e15 or div < -9.1e15:
            return div
        whole = float(int(div))
        if whole > div:
            whole -= 1.0
        return whole + 1.0 if div - whole > 0.5 else whole
    return a // b


def __engine_mod__(a, b, *, type=type, bool=bool, int=int, float=float, to_float=__engine_float__):
    if type(a).__name__ == 'bytes':
        __engine_refuse__('formatting of bytes')
    if type(a).__name__ == 'timedelta':
        return __engine_delta_mod__(a, b)
    if type(a) is bool:
        a = int(a)
        __engine_converted__.add(0)
    if type(b) is bool:
        b = int(b)
        __engine_converted__.add(0)
    if __engine_is_zero__(a, b):
        __engine_no_division__(a, b, 'integer modulo by zero', 'float modulo')
    if type(a) is float and type(b) is int:
        b = to_float(b)
    elif type(b) is float and type(a) is int:
        a = to_float(a)
    if type(a) is float and type(b) is float and b != 0 and (a - a != 0 or b - b != 0):
        return __engine_infinite_rest__(a, b)
    return a % b


__engine_indivisible__ = ('str', 'bytes', 'list', 'tuple', 'dict', 'set', 'frozenset', 'NoneType', 'range', 'int', 'float', 'bool')


def __engine_check_divmod__(a, b, *, type=type, known=__engine_indivisible__, TypeError=TypeError):
    left = type(a).__name__
    right = type(b).__name__
    numbers = known[-3:]
    if left in numbers and right in numbers or left == 'timedelta' and right == 'timedelta':
        return
    if left not in known or right not in known:
        __engine_refuse__('the texts of some errors')
    raise TypeError(f"unsupported operand type(s) for divmod(): '{left}' and '{right}'")


def divmod(a, b, /):
    __engine_check_divmod__(a, b)
    if __engine_is_zero__(a, b):
        __engine_no_division__(a, b, 'integer division or modulo by zero', 'float divmod()')
    return __engine_floordiv__(a, b), __engine_mod__(a, b)


# Keys that were used, and their types: the engine replaces a key by an equal one, CPython keeps the
# first.
__engine_key_types__ = {}


def __engine_key__(key, *, type=type, str=str, int=int, float=float, bool=bool, tuple=tuple, seen=__engine_key_types__):
    kind = type(key)
    if kind is str:
        return key
    if kind is tuple:
        kind = [type(part) for part in key]
    elif kind is not int and kind is not float and kind is not bool:
        return key
    if seen.setdefault(key, kind) != kind:
        __engine_refuse__('keys that equal numbers of another type')
    return key


def __engine_keys__(keys, *, type=type, str=str, list=list, isinstance=isinstance, dict=dict):
    if type(keys) is str or isinstance(keys, dict):
        return keys
    keys = list(keys)
    for key in keys:
        __engine_key__(key)
    return keys


def __engine_update__(pairs, *, list=list, isinstance=isinstance, tuple=tuple, len=len):
    if isinstance(pairs, (list, tuple)):
        for pair in pairs:
            if isinstance(pair, (list, tuple)) and len(pair) == 2:
                __engine_key__(pair[0])
    return pairs


def __engine_pairs__(pairs, *, list=list, isinstance=isinstance, dict=dict, type=type, str=str, int=int, set=set, frozenset=frozenset, tuple=tuple,
                     float=float, len=len, ValueError=ValueError, TypeError=TypeError):
    if isinstance(pairs, (dict, int, float)) or pairs is None or pairs == '':
        return pairs
    if isinstance(pairs, str):
        raise ValueError('dictionary update sequence element #0 has length 1; 2 is required')
    if isinstance(pairs, set):
        if len(pairs) == 0:
            return pairs
        for pair in pairs:
            if not isinstance(pair, (tuple, str)):
                raise TypeError('cannot convert dictionary update sequence element #0 to a sequence')
        __engine_refuse__('the order of a set of numbers')
    if not isinstance(pairs, (list, tuple)):
        pairs = list(pairs)
    at = 0
    for pair in pairs:
        if isinstance(pair, (set, frozenset)):
            __engine_refuse__('the order of a set of numbers')
        if isinstance(pair, (list, tuple, str)):
            if len(pair) != 2:
                raise ValueError(f'dictionary update sequence element #{at} has length {len(pair)}; 2 is required')
            __engine_key__(pair[0])
        elif pair is None or isinstance(pair, (int, float)):
            raise TypeError(f'cannot convert dictionary update sequence element #{at} to a sequence')
        at += 1
    return pairs


def round(number, ndigits=None, *, type=type, bool=bool, int=int, float=float, divmod=divmod, str=str, abs=abs,
          isinstance=isinstance, plain=__engine_raw_round__):
    if type(number) is bool:
        number = int(number)
    if ndigits is None:
        if type(number) is int:
            return number
        return plain(number)
    kind = type(number)
    if type(ndigits) is bool:
        ndigits = int(ndigits)
    if type(ndigits) is not int or (kind is not int and kind is not float):
        return plain(number, ndigits)
    if kind is int:
        if ndigits >= 0:
            return number
        if ndigits < -1000:
            return 0
        unit = 10 ** -ndigits
        quotient, rest = divmod(number, unit)
        if 2 * rest > unit or (2 * rest == unit and quotient % 2):
            quotient += 1
        return quotient * unit
    if number - number != 0 or ndigits > 323:
        return number
    if ndigits >= 0:
        return float(f'{number:.{ndigits}f}')
    if ndigits < -310:
        return 0.0 * number
    size = abs(number)
    whole = int(size)
    unit = 10 ** -ndigits
    quotient, rest = divmod(whole, unit)
    if 2 * rest > unit or (2 * rest == unit and (size > whole or quotient % 2)):
        quotient += 1
    value = float(str(quotient * unit))
    return -value if str(number)[0] == '-' else value


def sum(iterable, /, start=0, *, len=len, type=type, bool=bool, int=int, float=float, str=str, bytes=bytes, plain=__engine_raw_sum__):
    total = start
    kind = type(start)
    if kind is str or kind is bytes:
        return plain([], start)
    if kind is bool:
        total = int(start)
    if type(iterable).__name__ in ('set', 'frozenset') and len(iterable) > 2:
        for x in iterable:
            if type(x) is float:
                __engine_refuse__('the order of a set of numbers')
    for x in iterable:
        if type(x) is bool:
            x = int(x)
        total = total + x
    return total if total is not start or kind is not bool else start


def hash(x, *, type=type, bytes=bytes, bool=bool, int=int, float=float, abs=abs, plain=__engine_hash__, str=str):
    kind = type(x)
    if kind is float and x - x == 0 and x == int(x):
        x = int(x)
        kind = int
    if kind is int or kind is bool:
        value = abs(int(x)) % 2305843009213693951
        if x < 0:
            value = -value
        return -2 if value == -1 else value
    if kind is str and x == '' or kind is bytes and x == b'':
        return 0
    value = plain(x)
    if x is None or kind is float or type(x).__name__ in ('tuple', 'frozenset', 'range', 'date', 'datetime', 'timedelta', 'time'):
        __engine_refuse__('hash of other values than int and str')
    return value


__engine_maxsize__ = 9223372036854775807


def __engine_m_is_integer__(x, *, type=type, float=float, int=int):
    if type(x) is float:
        return x - x == 0 and x == int(x)
    if type(x) is int or type(x) is bool:
        raise AttributeError("'" + type(x).__name__ + "' object has no attribute 'is_integer'")
    return x.is_integer()


def __engine_m_bit_count__(x, *, type=type, int=int, bool=bool, bin=bin, abs=abs):
    if type(x) is int or type(x) is bool:
        return bin(abs(int(x))).count('1')
    return x.bit_count()


def __engine_m_bit_length__(x, *, type=type, int=int, bool=bool, bin=bin, abs=abs, len=len):
    if type(x) is int or type(x) is bool:
        return len(bin(abs(int(x)))) - 2 if x else 0
    return x.bit_length()


