# The texts of errors. The engine follows a later CPython and has words of its own in some places; a
# text that is not known to be that of CPython is refused where a script reads it.
__engine_error_types__ = (BaseException,)
__engine_error_kinds__ = {'TypeError': TypeError, 'ValueError': ValueError, 'ZeroDivisionError': ZeroDivisionError,
                          'AttributeError': AttributeError, 'OverflowError': OverflowError}


def __engine_other_text__(text, *, len=len):
    # The text of CPython for a text of the engine, or None.
    if text == 'zero to a negative power':
        return '0.0 cannot be raised to a negative power'
    if text == 'max() iterable argument is empty' or text == 'min() iterable argument is empty':
        return text[:5] + ' arg is an empty sequence'
    at = text.find("(unhashable type: '")
    if text[:12] == "cannot use '" and at > 0:
        return text[at + 1:-1]
    if text[:28] == 'too many values to unpack (e' and ', got ' in text:
        return text[:text.find(', got ')] + ')'
    if text[-34:] == ' is not a container or iterable' or text.endswith(' is not a container or iterable'):
        return text[:text.rfind(' is not')] + ' is not iterable'
    at = text.find(" indices must be integers, not '")
    if at > 0:
        kind = text[:at]
        other = text[at + 32:-1]
        if kind == 'str':
            return "string indices must be integers, not '" + other + "'"
        if kind == 'list' or kind == 'tuple':
            return kind + ' indices must be integers or slices, not ' + other
        return None
    at = text.find(' and no __dict__ for setting new attributes')
    if at > 0:
        return text[:at]
    if text[:33] == "unsupported operand type(s) for +" or text[:33] == 'unsupported operand type(s) for *':
        parts = text.split("'")
        if len(parts) == 5:
            left = parts[1]
            right = parts[3]
            if text[32:34] in ('+:', '+=') and left == 'tuple':
                return 'can only concatenate tuple (not "' + right + '") to tuple'
            if text[32:34] in ('+:', '+=') and left == 'bytes':
                return "can't concat " + right + ' to bytes'
            if text[32:34] == '*:' or text[32:34] == '*=':
                if left in ('str', 'list', 'tuple', 'bytes'):
                    return "can't multiply sequence by non-int of type '" + right + "'"
                is_plain = left in ('int', 'float', 'bool', 'NoneType')
                if right in ('str', 'list', 'tuple', 'bytes') and (is_plain or text[32:34] == '*:'):
                    return "can't multiply sequence by non-int of type '" + left + "'"
    if "'datetime.datetime' and 'datetime.datetime'" in text:
        if ' not supported between instances of ' in text:
            return "can't compare offset-naive and offset-aware datetimes"
        if text[:34] == 'unsupported operand type(s) for -:':
            return "can't subtract offset-naive and offset-aware datetimes"
    instances = "not supported between instances of 'datetime.date"
    if instances + "time' and 'datetime.date'" in text or instances + "' and 'datetime.datetime'" in text:
        return "can't compare datetime.datetime to datetime.date"
    for unit in ('month must be in 1..12', 'hour must be in 0..23', 'minute must be in 0..59',
                 'second must be in 0..59'):
        if text.startswith(unit + ', not '):
            return unit
    if text[:29] == 'year must be in 1..9999, not ':
        return 'year ' + text[29:] + ' is out of range'
    if text[:4] == 'day ' and ' must be in range 1..' in text:
        return 'day is out of range for month'
    if text[:15] == 'Object of type ' and text[-25:] == ' is not JSON serializable':
        return 'Object of type ' + text[15:-25].split('.')[-1] + text[-25:]
    if text[:27] == 'expected a number in range ':
        return 'math domain error'
    if text[:21] == 'expected string, not ':
        return "expected string or bytes-like object, got '" + text[21:] + "'"
    return None


# Texts that are the same: what is quoted is *, a number is #, and a word before brackets is *.
__engine_same_texts__ = set('''
# is not in list
#.# cannot be raised to a negative power
%c arg not in range(#x#)
%c requires int or char
'*' is not in list
'*' not supported between instances of '*' and '*'
'*' object does not support item assignment
'*' object does not support item deletion
'*' object doesn't support item deletion
'*' object has no attribute '*'
'*' object cannot be interpreted as an integer
'*' object is not a mapping
'*' object is not an iterator
'*' object is not callable
'*' object is not iterable
'*' object is not reversible
'*' object is not subscriptable
'*' requires string as left operand, not NoneType
'*' requires string as left operand, not dict
'*' requires string as left operand, not float
'*' requires string as left operand, not int
'*' requires string as left operand, not list
'*' requires string as left operand, not set
'*' requires string as left operand, not str
'*' requires string as left operand, not tuple
(#, '*')
* wants int
Exceeds the limit (# digits) for integer string conversion: value has # digits; use sys.set_int_max_str_digits() to increase the limit
Invalid base#-encoded string: number of data characters (#) cannot be # more than a multiple of #
Negative zero coercion (z) not allowed in integer format specifier
No active exception to reraise
Odd-length string
Replacement index # out of range for positional args tuple
Single '*' encountered in format string
Unknown conversion specifier x
Unknown format code '*' for object of type '*'
'*' is a bad directive in format '*'
bad operand type for abs(): '*'
day is out of range for month
second must be in #..#
year # is out of range
strptime() argument # must be str, not int
strptime() argument # must be str, not NoneType
bad operand type for unary +: '*'
bad operand type for unary -: '*'
bad operand type for unary ~: '*'
byte indices must be integers or slices, not str
can only assign an iterable
list indices must be integers or slices, not str
can only concatenate list (not "*") to list
can only concatenate str (not "*") to str
can only join an iterable
cannot access local variable '*' where it is not associated with a value
cannot convert float NaN to integer
cannot convert float infinity to integer
cannot use a string pattern on a bytes-like object
cannot switch from manual field specification to automatic field numbering
can't set attribute
chr() arg not in range(#x#)
descriptor '*' for '*' objects doesn't apply to a '*' object
dictionary changed size during iteration
division by zero
empty separator
factorial() not defined for negative values
first argument must be callable or None
float division by zero
float divmod()
float floor division by zero
float modulo
float() argument must be a string or a real number, not '*'
format requires a mapping
id() takes exactly one argument (# given)
incomplete format
incomplete format key
index out of range
insert expected # arguments, got #
int too large to convert to float
int() argument must be a string, a bytes-like object or a real number, not '*'
int() base must be >= # and <= #, or #
integer division or modulo by zero
integer modulo by zero
isinstance() arg # must be a type, a tuple of types, or a union
isqrt() argument must be nonnegative
keys must be str, int, float, bool or None, not tuple
len() takes exactly one argument (# given)
list assignment index out of range
list index out of range
list.append() takes exactly one argument (# given)
list.remove(x): x not in list
map() must have at least two arguments.
math domain error
math range error
max expected at least # argument, got #
max() arg is an empty sequence
min() arg is an empty sequence
module '*' has no attribute '*'
n must be a non-negative integer
name '*' is not defined
negative count
negative shift count
non-hexadecimal number found in fromhex() arg at position #
not all arguments converted during string formatting
not enough arguments for format string
not enough values to unpack (expected #, got #)
not enough values to unpack (expected at least #, got #)
object of type '*' has no len()
ord() expected a character, but string of length # found
ord() expected string of length #, but int found
pop from an empty deque
pop from empty list
pop index out of range
precision too big
range() arg # must not be zero
reduce() of empty iterable with no initial value
slice expected at least # argument, got #
slice step cannot be zero
splitlines() takes at most # argument (# given)
startswith first arg must be str or a tuple of str, not int
str() argument '*' must be str, not int
string argument without an encoding
string index out of range
string indices must be integers, not '*'
substring not found
the JSON object must be str, bytes or bytearray, not NoneType
the JSON object must be str, bytes or bytearray, not int
tuple index out of range
tuple.index(x): x not in tuple
type object '*' has no attribute '*'
type str doesn't define __round__ method
unhashable type: '*'
unknown encoding: nope
unsupported operand type(s) for %: '*' and '*'
unsupported operand type(s) for %=: '*' and '*'
unsupported operand type(s) for &: '*' and '*'
unsupported operand type(s) for &=: '*' and '*'
unsupported operand type(s) for ** or pow(): '*' and '*'
unsupported operand type(s) for **=: '*' and '*'
unsupported operand type(s) for *: '*' and '*'
unsupported operand type(s) for *=: '*' and '*'
unsupported operand type(s) for +: '*' and '*'
unsupported operand type(s) for +=: '*' and '*'
unsupported operand type(s) for -: '*' and '*'
unsupported operand type(s) for -=: '*' and '*'
unsupported operand type(s) for //: '*' and '*'
unsupported operand type(s) for //=: '*' and '*'
unsupported operand type(s) for /: '*' and '*'
unsupported operand type(s) for /=: '*' and '*'
unsupported operand type(s) for <<: '*' and '*'
unsupported operand type(s) for <<=: '*' and '*'
unsupported operand type(s) for >>: '*' and '*'
unsupported operand type(s) for >>=: '*' and '*'
unsupported operand type(s) for ^: '*' and '*'
unsupported operand type(s) for ^=: '*' and '*'
unsupported operand type(s) for divmod(): '*' and '*'
unsupported operand type(s) for |: '*' and '*'
unsupported operand type(s) for |=: '*' and '*'
width too big
zip() argument # is longer than argument #
zip() argument # is longer than arguments #-#
zip() argument # is shorter than argument #
zip() argument # is shorter than arguments #-#
'''.split('\n'))
__engine_same_begins__ = (
    'invalid literal for int() with base ', 'could not convert string to float: ',
    'Import of ', 'unsupported format character ', 'Got unexpected field names: ', 'Invalid suffix ',
    'time data ', 'unconverted data remains: ', 'Invalid isoformat string: ', 'cannot unpack non-iterable ', 'must be real number, not ', 'Object of type ', 'sequence item ',
)
__engine_raised_texts__ = set()
# Not empty once a dict may have been updated: the engine says of a part what CPython says of its place.
__engine_updates__ = set()


def __engine_updated__(x, *, updates=__engine_updates__):
    updates.add('update')
    return x


def __engine_template__(text, *, len=len):
    out = []
    i = 0
    n = len(text)
    while i < n:
        c = text[i]
        if c == "'" or c == '"':
            end = text.find(c, i + 1)
            if end > 0:
                out.append(c + '*' + c)
                i = end + 1
                continue
        elif c.isdigit():
            while i < n and text[i].isdigit():
                i += 1
            out.append('#')
            continue
        out.append(c)
        i += 1
    return ''.join(out)


def __engine_is_known__(text, *, begins=__engine_same_begins__, same=__engine_same_texts__):
    if text[:1] == '%' and text[2:11] == ' format: ' or text.startswith('unsupported format string passed to '):
        return True
    for begin in begins:
        if text.startswith(begin):
            return True
    return __engine_template__(text) in same


def __engine_raised__(e, *, raised=__engine_raised_texts__, isinstance=isinstance, types=__engine_error_types__,
                      len=len, type=type, str=str):
    if isinstance(e, types):
        args = e.args
        if len(args) == 1 and type(args[0]) is str:
            raised.add(args[0])
    return e


def __engine_caught__(e, *, raised=__engine_raised_texts__, updates=__engine_updates__, isinstance=isinstance, types=__engine_error_types__,
                      kinds=__engine_error_kinds__, converted=__engine_converted__, len=len, type=type, KeyError=KeyError, AssertionError=AssertionError, str=str):
    if not isinstance(e, types):
        return e
    args = e.args
    if type(e).__name__ == 'JSONDecodeError':
        return e
    if len(args) == 0:
        return e
    text = args[0]
    if type(text) is not str or text in raised or isinstance(e, AssertionError):
        return e
    if isinstance(e, KeyError):
        if text[:1] in '([{<' or text[:2] in ("b'", 'b"') or text in ('None', 'True', 'False', 'nan', 'inf'):
            __engine_refuse__('the texts of errors with this key')
        if text[:1] == "'":
            if text[1:11] == 'popitem():' or text[1:9] == 'pop from':
                return KeyError(text[1:-1])
            __engine_refuse__('the texts of errors with this key')
        if text.strip('0123456789.eE+-_') == '' and text:
            __engine_refuse__('the texts of errors with this key')
        return e
    if "of type 'bytes'" in text or (converted and ('"int"' in text or ("'int'" in text and text[:11] == 'unsupported'))):
        __engine_refuse__('the texts of some errors')
    if updates and text[-23:] == ' object is not iterable':
        __engine_refuse__('the texts of some errors')
    if text.endswith("unhashable type: 'tuple'") or text.endswith("unhashable type: 'tuple')"):
        __engine_refuse__('the texts of some errors')
    if text == 'must be real number, not int':
        __engine_refuse__('functions of math with large ints')
    other = __engine_other_text__(text)
    if other is not None:
        name = type(e).__name__
        if name not in kinds:
            __engine_refuse__('the texts of some errors')
        return kinds[name](other)
    if '__engine' in text or not __engine_is_known__(text):
        __engine_refuse__('the texts of some errors')
    return e


def __engine_kept__(e, *, type=type):
    # A caught exception that may be shown with its class.
    if type(e).__name__ == 'JSONDecodeError':
        __engine_refuse__('the classes of errors in JSON')
    if type(e).__name__.split('.')[-1] == 'Error':
        __engine_refuse__('the texts of some errors')
    return __engine_caught__(e)


