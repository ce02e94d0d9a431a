# Dates and times.
import re as __engine_time_re__
from datetime import datetime as __engine_datetime__, timedelta as __engine_timedelta__, timezone as __engine_timezone__


def __engine_microseconds__(x):
    return (x.days * 86400 + x.seconds) * 1000000 + x.microseconds


def __engine_delta_floordiv__(a, b, *, type=type, bool=bool, int=int, ZeroDivisionError=ZeroDivisionError):
    if not b and (type(b) is __engine_timedelta__ or type(b) is int or type(b) is bool):
        raise ZeroDivisionError('integer division or modulo by zero')
    if type(b) is __engine_timedelta__:
        return __engine_microseconds__(a) // __engine_microseconds__(b)
    if type(b) is int or type(b) is bool:
        return __engine_timedelta__(microseconds=__engine_microseconds__(a) // int(b))
    return a // b


def __engine_delta_mod__(a, b, *, type=type, ZeroDivisionError=ZeroDivisionError):
    if type(b) is __engine_timedelta__:
        if not b:
            raise ZeroDivisionError('integer modulo by zero')
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


def __engine_m_replace_zone__(x, *args, **changes):
    # The engine drops the last reference to a zone too early; `changes` has another one.
    return x.replace(*args, **changes)


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




def __engine_m_fromisoformat__(kind, text, /, *, type=type, str=str, int=int, re=__engine_time_re__, ValueError=ValueError):
    if type(text) is not str or kind is not __engine_datetime__ and kind.__name__ != 'date':
        return kind.fromisoformat(text)
    day = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
    time = '([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{3}([0-9]{3})?)?)?([+-][0-9]{2}:[0-9]{2})?)?'
    if re.compile(day if kind is not __engine_datetime__ else day + time).fullmatch(text) is None:
        if text and text.strip('0123456789-:TWZz+., ') == '':
            __engine_refuse__('this text of fromisoformat')
        raise ValueError(f'Invalid isoformat string: {text!r}')
    __engine_check_day__(int(text[:4]), int(text[5:7]), int(text[8:10]))
    for at, name, last in ((11, 'hour', 23), (14, 'minute', 59), (17, 'second', 59)):
        if text[at:at + 1].isdigit() and text[at - 1] in 'T :' and int(text[at:at + 2]) > last:
            raise ValueError(f'{name} must be in 0..{last}')
    return kind.fromisoformat(text)


def __engine_check_day__(year, month, day, *, ValueError=ValueError):
    if year == 0:
        raise ValueError('year 0 is out of range')
    if month < 1 or month > 12:
        raise ValueError('month must be in 1..12')
    last = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        last = 29
    if day < 1 or day > last:
        raise ValueError('day is out of range for month')


__engine_months__ = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
__engine_long_months__ = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september',
                          'october', 'november', 'december']
__engine_time_patterns__ = {
    'd': '(?P<d>3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9])',
    'f': '(?P<f>[0-9]{1,6})',
    'H': '(?P<H>2[0-3]|[0-1][0-9]|[0-9])',
    'I': '(?P<I>1[0-2]|0[1-9]|[1-9])',
    'j': '(?P<j>36[0-6]|3[0-5][0-9]|[1-2][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])',
    'm': '(?P<m>1[0-2]|0[1-9]|[1-9])',
    'M': '(?P<M>[0-5][0-9]|[0-9])',
    'S': '(?P<S>6[0-1]|[0-5][0-9]|[0-9])',
    'y': '(?P<y>[0-9][0-9])',
    'Y': '(?P<Y>[0-9][0-9][0-9][0-9])',
    'z': '(?P<z>[+-][0-9][0-9]:?[0-5][0-9]|(?-i:Z))',
    'p': '(?P<p>am|pm)',
    'b': '(?P<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)',
    'B': '(?P<B>september|february|november|december|january|october|august|march|april|june|july|may)',
    'a': '(?P<a>mon|tue|wed|thu|fri|sat|sun)',
    'A': '(?P<A>wednesday|thursday|saturday|tuesday|monday|friday|sunday)',
}


def __engine_time_pattern__(form, *, len=len, ValueError=ValueError):
    out = ['(?i)']
    seen = ''
    at = 0
    while at < len(form):
        letter = form[at]
        at += 1
        if letter in ' \t\n\r\f\v':
            while form[at:at + 1] and form[at] in ' \t\n\r\f\v':
                at += 1
            out.append('[ \\t\\n\\r\\f\\v]+')
        elif letter == '%':
            letter = form[at:at + 1]
            at += 1
            if letter == '':
                raise ValueError(f"stray % in format {form!r}")
            if letter == '%':
                out.append('%')
                continue
            if letter not in __engine_time_patterns__:
                if letter in 'UWwGVuZcxX':
                    __engine_refuse__('the time directive %' + letter)
                raise ValueError(f"'{letter}' is a bad directive in format {form!r}")
            if letter in seen:
                __engine_refuse__('this format of strptime')
            seen += letter
            out.append(__engine_time_patterns__[letter])
        elif letter in '\\.^$*+?(){}[]|':
            out.append('\\' + letter)
        else:
            out.append(letter)
    return ''.join(out), seen


def __engine_m_strptime__(kind, text, form, /, *, type=type, str=str, int=int, len=len, re=__engine_time_re__,
                          ValueError=ValueError, TypeError=TypeError):
    if kind is not __engine_datetime__:
        return kind.strptime(text, form)
    if type(text) is not str:
        raise TypeError('strptime() argument 1 must be str, not ' + type(text).__name__)
    if type(form) is not str:
        raise TypeError('strptime() argument 2 must be str, not ' + type(form).__name__)
    if not text.isascii() or not form.isascii() or '\x1c' <= min(text + ' ') <= '\x1f':
        __engine_refuse__('this format of strptime')
    pattern, seen = __engine_time_pattern__(form)
    found = re.compile(pattern).match(text)
    if found is None:
        raise ValueError(f'time data {text!r} does not match format {form!r}')
    if found.end() != len(text):
        raise ValueError('unconverted data remains: ' + text[found.end():])
    has = {letter: found.group(letter) for letter in seen}
    year = None
    if 'y' in has:
        year = int(has['y'])
        year += 2000 if year <= 68 else 1900
    if 'Y' in has:
        if 'y' in has:
            __engine_refuse__('this format of strptime')
        year = int(has['Y'])
    month = int(has.get('m', '1'))
    named = 0
    if 'B' in has:
        month = __engine_long_months__.index(has['B'].lower()) + 1
        named += 1
    if 'b' in has:
        month = __engine_months__.index(has['b'].lower()) + 1
        named += 1
    if named > (0 if 'm' in has else 1) or 'H' in has and 'I' in has:
        __engine_refuse__('this format of strptime')
    day = int(has.get('d', '1'))
    hour = int(has.get('H', '0'))
    if 'I' in has:
        hour = int(has['I'])
        if has.get('p', 'am').lower() == 'am':
            hour = 0 if hour == 12 else hour
        elif hour != 12:
            hour += 12
    minute = int(has.get('M', '0'))
    second = int(has.get('S', '0'))
    micro = int((has.get('f', '') + '000000')[:6])
    is_leap_day = year is None and month == 2 and day == 29
    if year is None:
        year = 1900
    if 'j' in has:
        if is_leap_day:
            __engine_refuse__('this format of strptime')
        moved = __engine_datetime__(year, 1, 1) + __engine_timedelta__(days=int(has['j']) - 1)
        year, month, day = moved.year, moved.month, moved.day
    __engine_check_day__(year, month, day)
    if second > 59:
        raise ValueError('second must be in 0..59')
    zone = None
    if 'z' in has:
        z = has['z'].replace(':', '')
        offset = 0 if z == 'Z' else (int(z[1:3]) * 60 + int(z[3:5])) * (-1 if z[0] == '-' else 1)
        if not -1440 < offset < 1440:
            __engine_refuse__('this format of strptime')
        zone = __engine_timezone__(__engine_timedelta__(minutes=offset)) if offset else __engine_timezone__.utc
    return __engine_datetime__(year, month, day, hour, minute, second, micro, zone)
