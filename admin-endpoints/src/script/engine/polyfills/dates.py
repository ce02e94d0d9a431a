# Dates and times.
from datetime import datetime as __engine_datetime__, timedelta as __engine_timedelta__, timezone as __engine_timezone__


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


def __engine_m_utcnow__(kind):
    if kind is not __engine_datetime__:
        return kind.utcnow()
    return kind.now(__engine_timezone__.utc).replace(tzinfo=None)


def __engine_m_toordinal__(x, *, type=type):
    if type(x).__name__ not in ('date', 'datetime'):
        return x.toordinal()
    before = x.year - 1
    first = __engine_datetime__(x.year, 1, 1)
    day = (__engine_datetime__(x.year, x.month, x.day) - first).days + 1
    return before * 365 + before // 4 - before // 100 + before // 400 + day


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


def __engine_directive__(x, letter, *, type=type, int=int):
    # The text of a directive that the engine does not have; a literal `%` is doubled.
    kind = type(x).__name__
    if letter in 'FDxceuwUWVG' and kind == 'time':
        __engine_refuse__('the time directive %' + letter)
    if letter in 'TRXc' and kind == 'date':
        x = __engine_datetime__(x.year, x.month, x.day)
    if letter == 'F':
        return f'{x.year}-{x.month:02d}-{x.day:02d}'
    if letter == 'T' or letter == 'X':
        return f'{x.hour:02d}:{x.minute:02d}:{x.second:02d}'
    if letter == 'R':
        return f'{x.hour:02d}:{x.minute:02d}'
    if letter == 'D' or letter == 'x':
        return f'{x.month:02d}/{x.day:02d}/{x.year % 100:02d}'
    if letter == 'e':
        return f'{x.day:2d}'
    if letter == 'c':
        return (x.strftime('%a %b ') + f'{x.day:2d} {x.hour:02d}:{x.minute:02d}:{x.second:02d} {x.year}')
    if letter == 'u':
        return f'{x.isoweekday()}'
    if letter == 'w':
        return f'{x.isoweekday() % 7}'
    if letter == 'n' or letter == 't':
        return '\n' if letter == 'n' else '\t'
    if letter == 'U' or letter == 'W':
        day = int(x.strftime('%j')) - 1
        weekday = x.isoweekday() % 7 if letter == 'U' else x.weekday()
        return f'{(day + 7 - weekday) // 7:02d}'
    if letter == 'V' or letter == 'G':
        day = __engine_datetime__(x.year, x.month, x.day) + __engine_timedelta__(days=4 - x.isoweekday())
        week = (int(day.strftime('%j')) - 1) // 7 + 1
        return f'{week:02d}' if letter == 'V' else f'{day.year}'
    __engine_refuse__('the time directive %' + letter)


def __engine_m_strftime__(x, text, /, *, type=type, str=str, len=len):
    if type(text) is not str or type(x).__name__ not in ('datetime', 'date', 'time'):
        return x.strftime(text)
    if type(x).__name__ != 'time' and x.year < 1000:
        __engine_refuse__('years before 1000')
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
            out.append(text[done:at])
            out.append(__engine_directive__(x, letter))
            done = at + 2
        at = text.find('%', at + 2)
    out.append(text[done:])
    return x.strftime(''.join(out))


def __engine_m_fromtimestamp__(kind, t, /, tz=None, *, type=type, int=int, float=float):
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


