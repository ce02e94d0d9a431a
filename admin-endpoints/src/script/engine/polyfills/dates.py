# Dates and times.
from datetime import datetime as __engine_datetime__, timedelta as __engine_timedelta__


def __engine_microseconds__(x):
    return (x.days * 86400 + x.seconds) * 1000000 + x.microseconds


def __engine_delta_floordiv__(a, b, *, type=type, bool=bool, int=int):
    if type(b) is __engine_timedelta__:
        return __engine_microseconds__(a) // __engine_microseconds__(b)
    if type(b) is int or type(b) is bool:
        return __engine_timedelta__(microseconds=__engine_microseconds__(a) // int(b))
    return a // b


def __engine_delta_mod__(a, b, *, type=type):
    if type(b) is __engine_timedelta__:
        return __engine_timedelta__(microseconds=__engine_microseconds__(a) % __engine_microseconds__(b))
    return a % b


def __engine_m_utcoffset__(x, *args, type=type, int=int):
    if type(x) is not __engine_datetime__:
        __engine_refuse__('the method utcoffset of this value')
    if x.tzinfo is None:
        return None
    text = x.isoformat()
    at = text.rfind('+') if '+' in text else text.rfind('-')
    parts = text[at + 1:].split(':')
    value = __engine_timedelta__(hours=int(parts[0]), minutes=int(parts[1]))
    if len(parts) > 2:
        __engine_refuse__('time zones with seconds')
    return -value if text[at] == '-' else value


def __engine_m_astimezone__(x, zone=None, *, type=type):
    if type(x) is not __engine_datetime__ or zone is None or x.tzinfo is None:
        __engine_refuse__('the method astimezone of this value')
    other = __engine_datetime__(2000, 1, 1, tzinfo=zone)
    plain = x.replace(tzinfo=None) - __engine_m_utcoffset__(x) + __engine_m_utcoffset__(other)
    return plain.replace(tzinfo=zone)


def __engine_m_strftime__(x, text, /, *, type=type, str=str, len=len):
    if type(text) is not str or type(x).__name__ not in ('datetime', 'date', 'time'):
        return x.strftime(text)
    at = text.find('%')
    out = []
    done = 0
    while at >= 0:
        letter = text[at + 1:at + 2]
        if letter == 'f':
            out.append(text[done:at])
            out.append(f'{x.microsecond:06d}' if type(x).__name__ != 'date' else '000000')
            done = at + 2
        elif letter == '' or letter not in 'YmdHMSjaAbBpIy%':
            __engine_refuse__('this time format')
        at = text.find('%', at + 2)
    out.append(text[done:])
    return x.strftime(''.join(out))


def __engine_m_fromtimestamp__(kind, t, tz=None, /, *, type=type, int=int, float=float):
    if kind is not __engine_datetime__ or (type(t) is not int and type(t) is not float):
        __engine_refuse__('the method fromtimestamp of this value')
    if type(t) is float:
        whole = int(t)
        micro = int(f'{(t - whole) * 1e6:.0f}')
    else:
        whole = t
        micro = 0
    plain = __engine_datetime__(1970, 1, 1) + __engine_timedelta__(seconds=whole, microseconds=micro)
    if tz is None:
        return plain
    return (plain + __engine_m_utcoffset__(__engine_datetime__(2000, 1, 1, tzinfo=tz))).replace(tzinfo=tz)


