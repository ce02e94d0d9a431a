# Functions of math: large ints are accepted, and errors have CPython's texts.
import math as __engine_math__


def __engine_math_call__(function, *args, type=type, int=int, bool=bool, ValueError=ValueError,
                         to_float=__engine_float__):
    values = [to_float(x) if type(x) is int or type(x) is bool else x for x in args]
    try:
        return function(*values)
    except ValueError:
        pass
    raise ValueError('math domain error')


def __engine_math_sqrt__(x, /, *, plain=__engine_math__.sqrt):
    return __engine_math_call__(plain, x)


def __engine_math_log2__(x, /, *, plain=__engine_math__.log2):
    return __engine_math_call__(plain, x)


def __engine_math_log10__(x, /, *, plain=__engine_math__.log10):
    return __engine_math_call__(plain, x)


def __engine_math_log__(x, /, *base, plain=__engine_math__.log, ZeroDivisionError=ZeroDivisionError):
    value = __engine_math_call__(plain, x)
    if base:
        divisor = __engine_math_call__(plain, base[0])
        if divisor == 0:
            raise ZeroDivisionError('float division by zero')
        return value / divisor
    return value


def __engine_math_fsum__(values, /, *, float=float, abs=abs, int=int, bool=bool, type=type, len=len,
                         to_float=__engine_float__, TypeError=TypeError):
    partials = []
    for x in values:
        if type(x) is not int and type(x) is not float and type(x) is not bool:
            raise TypeError('must be real number, not ' + type(x).__name__)
        x = to_float(x) if type(x) is int or type(x) is bool else x + 0.0
        if x - x != 0:
            __engine_refuse__('math.fsum of inf or nan')
        kept = []
        for y in partials:
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low:
                kept.append(low)
            x = high
        kept.append(x)
        partials = kept
    for x in partials:
        if x - x != 0:
            __engine_refuse__('math.fsum of inf or nan')
    high = 0.0
    n = len(partials)
    low = 0.0
    if n:
        n -= 1
        high = partials[n]
        while n > 0:
            x = high
            n -= 1
            y = partials[n]
            high = x + y
            low = y - (high - x)
            if low != 0.0:
                break
        if n > 0 and ((low < 0.0 and partials[n - 1] < 0.0) or (low > 0.0 and partials[n - 1] > 0.0)):
            y = low * 2.0
            x = high + y
            if y == x - high:
                high = x
    return high


def __engine_math_prod__(values, /, *, start=1, type=type, bool=bool, int=int):
    for x in values:
        start = start * (int(x) if type(x) is bool else x)
    return start


def __engine_math_hypot__(*parts, type=type, int=int, abs=abs, isqrt=__engine_math__.isqrt):
    total = 0
    for x in parts:
        if x != x or x - x != 0 or x != int(x) or abs(x) > 1000000000:
            __engine_refuse__('math.hypot of these numbers')
        total += int(x) * int(x)
    root = isqrt(total)
    if root * root != total or root > 67108864:
        __engine_refuse__('math.hypot of these numbers')
    return root + 0.0


def __engine_math_isqrt__(n, /, *, type=type, int=int, bool=bool, len=len, bin=bin, plain=__engine_math__.isqrt):
    if type(n) is bool:
        n = int(n)
    if type(n) is not int or n < 4611686018427387904:
        return plain(n)
    x = 1 << (len(bin(n)) - 1) // 2 + 1
    while True:
        y = (x + n // x) // 2
        if y >= x:
            return x
        x = y


def __engine_math_gcd__(*values, type=type, int=int, bool=bool, abs=abs, plain=__engine_math__.gcd):
    total = 0
    for x in values:
        if type(x) is not int and type(x) is not bool:
            return plain(x)
        x = abs(int(x))
        while x:
            total, x = x, total % x
    return total


def __engine_math_factorial__(n, /, *, type=type, int=int, range=range, plain=__engine_math__.factorial):
    if type(n) is int and 20 < n < 1000000:
        value = 1
        for factor in range(2, n + 1):
            value = value * factor
        return value
    return plain(n)


def __engine_math_floor__(x, /, *, type=type, int=int, plain=__engine_math__.floor):
    return x if type(x) is int else plain(x)


def __engine_math_ceil__(x, /, *, type=type, int=int, plain=__engine_math__.ceil):
    return x if type(x) is int else plain(x)


def __engine_math_trunc__(x, /, *, type=type, int=int, plain=__engine_math__.trunc):
    return x if type(x) is int else plain(x)


def __engine_math_fabs__(x, /, *, type=type, int=int, plain=__engine_math__.fabs):
    return plain(__engine_float__(x) if type(x) is int else x)


def __engine_math_isnan__(x, /, *, type=type, int=int, plain=__engine_math__.isnan):
    return plain(__engine_float__(x) if type(x) is int else x)


def __engine_math_isinf__(x, /, *, type=type, int=int, plain=__engine_math__.isinf):
    return plain(__engine_float__(x) if type(x) is int else x)


def __engine_math_isfinite__(x, /, *, type=type, int=int, plain=__engine_math__.isfinite):
    return plain(__engine_float__(x) if type(x) is int else x)
