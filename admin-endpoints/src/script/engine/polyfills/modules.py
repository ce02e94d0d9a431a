# Functions of modules.
from unicodedata import category as __engine_category__
import re as __engine_re__
import json as __engine_json__


def __engine_pattern_text__(pattern, flags, *, len=len):
    # What the engine reads in another way is changed or refused; "x" is removed.
    if pattern[:2] == '(?':
        end = pattern.find(')')
        letters = pattern[2:end]
        if letters and not letters.strip('imsxau'):
            if 'x' in letters:
                flags |= 64
                letters = letters.replace('x', '')
                pattern = ('(?' + letters + ')' if letters else '') + pattern[end + 1:]
            if 'm' in letters:
                flags |= 8
    verbose = flags & 64
    lines = flags & 8
    out = []
    i = 0
    n = len(pattern)
    in_class = False
    first = False
    groups = []
    names = []
    # What is before a repetition: nothing, a place such as ^, an item or another repetition.
    before = 'nothing'
    while i < n:
        c = pattern[i]
        if c == '\\':
            if i + 1 >= n:
                __engine_refuse__('this regular expression')
            d = pattern[i + 1]
            i += 2
            first = False
            before = 'place' if d in 'AZbB' else 'item'
            if in_class and (d in 'AZB' or d.isdigit()) or d.isdigit() and pattern[i:i + 1].isdigit():
                __engine_refuse__('this regular expression')
            if d == 'x' and (len(pattern) < i + 2 or pattern[i:i + 2].strip('0123456789abcdefABCDEF')):
                __engine_refuse__('this regular expression')
            if d == 'Z':
                out.append('\\z')
            elif d in '<>':
                out.append(d)
            elif d in 'dDwWsSntrfvbBAx' or d in '123456789' or not d.isalnum():
                if d == 'b' and in_class:
                    __engine_refuse__('this regular expression')
                out.append(c + d if d not in ' #-' or verbose == 0 else '\\x' + f'{ord(d):02x}')
            else:
                __engine_refuse__('this regular expression')
            continue
        i += 1
        if in_class:
            if c == ']' and not first:
                in_class = False
            elif c == '[' or (c in '&~-|' and i < n and pattern[i] == c):
                __engine_refuse__('this regular expression')
            first = False
            out.append(c)
            continue
        if c in '*+?{':
            if before == 'nothing' or before == 'place' or before == 'lazy' or before == 'repeated' and c != '?':
                __engine_refuse__('this regular expression')
            before = 'lazy' if before == 'repeated' else 'repeated'
        elif c in '^$':
            before = 'place'
        elif c in '(|':
            before = 'nothing'
        elif not (verbose and c in ' \t\n\r\f\v#'):
            before = 'item'
        if c == '[':
            in_class = True
            first = True
            out.append(c)
            if i < n and pattern[i] == '^':
                out.append('^')
                i += 1
            if i < n and pattern[i] == ']':
                __engine_refuse__('this regular expression')
        elif c == '$' and not lines:
            out.append('(?=\\n?\\z)')
        elif c == '(' and i < n and pattern[i] == '?':
            rest = pattern[i + 1:i + 3]
            known = rest[:1] in (':', '=', '!') or rest in ('P<', 'P=', '<=', '<!')
            groups.append((len(out), rest[:2] in ('<=', '<!')))
            if rest[:1] == 'P':
                name = pattern[i + 3:pattern.find(')' if rest == 'P=' else '>', i + 3)]
                if not name.isidentifier() or rest == 'P<' and name in names:
                    __engine_refuse__('this regular expression')
                names.append(name)
            if not known and not (i == 1 and pattern[2:pattern.find(')')].strip('imsau') == ''):
                __engine_refuse__('this regular expression')
            out.append(c)
            out.append(pattern[i])
            i += 1
        elif c == '{':
            end = pattern.find('}', i)
            inner = pattern[i:end] if end > 0 else ''
            if not inner or not inner[0].isdigit() or inner.strip('0123456789,'):
                __engine_refuse__('this regular expression')
            if inner.strip('0,') == '' or pattern[end + 1:end + 2] in ('{', '*', '+'):
                __engine_refuse__('this regular expression')
            out.append(pattern[i - 1:end + 1])
            i = end + 1
        elif c == '(':
            groups.append((len(out), False))
            out.append(c)
        elif c == ')':
            out.append(c)
            if groups:
                begin, is_behind = groups.pop()
                __engine_check_group__(''.join(out[begin:]), is_behind, pattern[i:i + 1])
        elif verbose and c in ' \t\n\r\f\v':
            pass
        elif verbose and c == '#':
            while i < n and pattern[i] != '\n':
                i += 1
        else:
            out.append(c)
    return ''.join(out)


def __engine_check_group__(group, is_behind, next_letter, *, re=__engine_re__):
    # CPython repeats a group that matches empty text once more, and looks behind fixed widths only.
    if is_behind:
        at = 4
        while at < len(group):
            if group[at] == '\\':
                at += 1
            elif group[at] == '[':
                at = group.find(']', at)
            elif group[at] in '|*+?{' and group[at - 1:at + 1] != '(?':
                __engine_refuse__('this regular expression')
            at += 1
    if next_letter in ('*', '+', '{') and ('(' in group.replace('(?', '') or group[:3] == '(?P'):
        is_empty = False
        try:
            is_empty = re.compile(group).fullmatch('') is not None
        except re.error:
            pass
        if is_empty:
            __engine_refuse__('this regular expression')


# Letters whose case CPython folds in another way.
__engine_odd_case__ = 'İıſßẞ'


def __engine_check_subject__(text, has_classes, has_spaces, ignores_case, *, category=__engine_category__):
    if has_spaces:
        for letter in '\x1c\x1d\x1e\x1f':
            if letter in text:
                __engine_refuse__('this regular expression on this text')
    if text.isascii():
        return
    for letter in text:
        if letter.isascii():
            continue
        if ignores_case and letter in __engine_odd_case__:
            __engine_refuse__('this regular expression on this text')
        kind = category(letter)
        if kind == 'So' and not ('Ⓐ' <= letter <= 'ⓩ' or '\U0001f130' <= letter <= '\U0001f189'):
            continue
        if has_classes and kind in ('Nl', 'No', 'Mn', 'Mc', 'Me', 'Cf', 'Pc', 'Cn', 'So'):
            __engine_refuse__('this regular expression on this text')


def __engine_pattern_class__(re=__engine_re__, int=int, str=str, len=len, type=type, isinstance=isinstance):
    class Pattern:
        def __init__(self, pattern, flags):
            if type(pattern) is not str:
                if type(pattern).__name__ != 'bytes':
                    raise TypeError('first argument must be string or compiled pattern')
                __engine_refuse__('regular expressions of bytes')
            text = __engine_pattern_text__(pattern, int(flags))
            plain = None
            try:
                plain = re.compile(text, int(flags) & ~64)
            except re.error:
                pass
            if plain is None:
                __engine_refuse__('the texts of errors in regular expressions')
            self._plain = plain
            self._text = text
            self.pattern = pattern
            inline = pattern[2:pattern.find(')')] if pattern[:2] == '(?' else ''
            if inline.strip('imsxau'):
                inline = ''
            self._classes = False
            self._spaces = False
            for letter in 'wWbB':
                if '\\' + letter in pattern:
                    self._classes = True
            has_digits = '\\d' in pattern or '\\D' in pattern
            for letter in 'sS':
                if '\\' + letter in pattern:
                    self._spaces = True
            if (int(flags) & 256 or 'a' in inline) and (has_digits or self._classes or self._spaces):
                __engine_refuse__('this regular expression')
            self._case = int(flags) & 2 != 0 or 'i' in inline
            if self._case:
                for letter in pattern:
                    if letter in __engine_odd_case__:
                        __engine_refuse__('this regular expression')
            self._checks = self._classes or self._spaces or self._case
            self._empty = plain.search('') is not None

        def __repr__(self):
            __engine_refuse__('the text of a compiled regular expression')

        def __eq__(self, other):
            return self is other or (type(other).__name__ == 'Pattern' and self.pattern == other.pattern)

        def __hash__(self):
            return 1

        def _check(self, string):
            if type(string).__name__ == 'bytes':
                raise TypeError('cannot use a string pattern on a bytes-like object')
            if self._checks and type(string) is str:
                __engine_check_subject__(string, self._classes, self._spaces, self._case)

        def search(self, string, *bounds):
            if bounds:
                __engine_refuse__('bounds of a search')
            self._check(string)
            return self._plain.search(string)

        def match(self, string, *bounds):
            if bounds:
                __engine_refuse__('bounds of a search')
            self._check(string)
            return self._plain.match(string)

        def fullmatch(self, string, *bounds):
            if bounds:
                __engine_refuse__('bounds of a search')
            self._check(string)
            return self._plain.fullmatch(string)

        def finditer(self, string, *bounds):
            if bounds:
                __engine_refuse__('bounds of a search')
            return iter(self._all(string))

        def _all(self, string):
            self._check(string)
            if self._empty:
                __engine_refuse__('searching for all empty matches')
            found = list(self._plain.finditer(string))
            for m in found:
                if m.start() == m.end():
                    __engine_refuse__('searching for all empty matches')
            return found

        def findall(self, string, *bounds):
            if bounds:
                __engine_refuse__('bounds of a search')
            self._all(string)
            return self._plain.findall(string)

        def split(self, string, maxsplit=0):
            out = []
            at = 0
            if maxsplit < 0:
                return [string]
            for m in self._all(string):
                if maxsplit and len(out) >= maxsplit * (1 + len(m.groups())):
                    break
                out.append(string[at:m.start()])
                out.extend(m.groups())
                at = m.end()
            out.append(string[at:])
            return out

        def sub(self, replacement, string, count=0):
            return self.subn(replacement, string, count)[0]

        def subn(self, replacement, string, count=0):
            if type(replacement) is str and '\\' in replacement:
                __engine_check_template__(replacement, self._text)
            out = []
            at = 0
            done = 0
            for m in self._all(string):
                if count and done >= count:
                    break
                out.append(string[at:m.start()])
                if type(replacement) is str:
                    if '\\' in replacement:
                        out.append(self._expanded(m, replacement))
                    else:
                        out.append(replacement)
                elif type(replacement).__name__ in ('int', 'float', 'NoneType', 'bytes', 'list', 'tuple', 'dict', 'bool'):
                    __engine_refuse__('these arguments of re.sub()')
                else:
                    value = replacement(m)
                    if value is not None:
                        if type(value) is not str:
                            __engine_refuse__('these arguments of re.sub()')
                        out.append(value)
                at = m.end()
                done += 1
            out.append(string[at:])
            return ''.join(out), done

        def _expanded(self, m, text):
            out = []
            i = 0
            n = len(text)
            while i < n:
                c = text[i]
                if c != '\\':
                    out.append(c)
                    i += 1
                    continue
                d = text[i + 1] if i + 1 < n else ''
                if d == 'g' and text[i + 2:i + 3] == '<' and text.find('>', i) > 0:
                    end = text.find('>', i)
                    name = text[i + 3:end]
                    value = m.group(int(name) if name.isdigit() else name)
                    i = end + 1
                elif d and d in '123456789' and not text[i + 2:i + 3].isdigit():
                    value = m.group(int(d))
                    i += 2
                elif d == 'n' or d == 't' or d == '\\':
                    value = '\n' if d == 'n' else '\t' if d == 't' else d
                    i += 2
                else:
                    __engine_refuse__('this replacement of a regular expression')
                out.append('' if value is None else value)
            return ''.join(out)

    return Pattern


def __engine_check_template__(template, pattern, *, len=len, int=int):
    # CPython reads the whole replacement before it searches.
    count = 0
    names = []
    i = 0
    while i < len(pattern):
        c = pattern[i]
        if c == '\\':
            i += 1
        elif c == '[':
            i += 1
            while pattern[i] != ']':
                i += 2 if pattern[i] == '\\' else 1
        elif c == '(' and (pattern[i + 1] != '?' or pattern[i + 2:i + 4] == 'P<'):
            count += 1
            if pattern[i + 1] == '?':
                names.append(pattern[i + 4:pattern.find('>', i)])
        i += 1
    i = template.find('\\')
    while i >= 0:
        d = template[i + 1:i + 2]
        name = d
        if d == 'g' and template[i + 2:i + 3] == '<':
            name = template[i + 3:template.find('>', i)] if template.find('>', i) > 0 else ''
        elif d == '' or d not in '123456789nt\\' or template[i + 2:i + 3].isdigit():
            __engine_refuse__('this replacement of a regular expression')
        if name.isdigit() and name.isascii():
            is_known = int(name) <= count
        else:
            is_known = name in names or d != 'g'
        if not is_known:
            __engine_refuse__('this replacement of a regular expression')
        i = template.find('\\', i + 2)


__engine_pattern__ = __engine_pattern_class__()
__engine_re_X__ = 64


def __engine_re_compile__(pattern, flags=0, *, type=type):
    return pattern if type(pattern) is __engine_pattern__ else __engine_pattern__(pattern, flags)


def __engine_re_search__(pattern, string, flags=0):
    return __engine_re_compile__(pattern, flags).search(string)


def __engine_re_match__(pattern, string, flags=0):
    return __engine_re_compile__(pattern, flags).match(string)


def __engine_re_fullmatch__(pattern, string, flags=0):
    return __engine_re_compile__(pattern, flags).fullmatch(string)


def __engine_re_findall__(pattern, string, flags=0):
    return __engine_re_compile__(pattern, flags).findall(string)


def __engine_re_finditer__(pattern, string, flags=0):
    return __engine_re_compile__(pattern, flags).finditer(string)


def __engine_re_split__(pattern, string, maxsplit=0, flags=0):
    return __engine_re_compile__(pattern, flags).split(string, maxsplit)


def __engine_re_sub__(pattern, repl, string, count=0, flags=0):
    return __engine_re_compile__(pattern, flags).sub(repl, string, count)


def __engine_re_subn__(pattern, repl, string, count=0, flags=0):
    return __engine_re_compile__(pattern, flags).subn(repl, string, count)


def __engine_json_default__(x, default, *, types=(str, int, float, bool, type(None)), type=type, tuple=tuple, list=list,
                            isinstance=isinstance):
    kind = type(x)
    if default is None or kind in types:
        return x
    if kind.__name__ in ('dict', 'Counter', 'defaultdict'):
        return {k: __engine_json_default__(v, default) for k, v in x.items()}
    if kind is list or isinstance(x, tuple):
        return [__engine_json_default__(v, default) for v in x]
    return __engine_json_default__(default(x), default)


def __engine_json_loads__(s, **options):
    text = s
    if type(text) is not str:
        if type(text).__name__ != 'bytes':
            return __engine_json__.loads(text, **options)
        text = text.decode()
    if 'NaN' in text or 'Infinity' in text:
        __engine_refuse__('NaN and Infinity in JSON')
    value = None
    failed = False
    try:
        value = __engine_json__.loads(text, **options)
    except ValueError:
        failed = True
    if failed:
        found = __engine_json_error__(text)
        if found is None or options:
            __engine_refuse__('the texts of some errors in JSON')
        message, at = found
        line = text.count('\n', 0, at) + 1
        column = at - text.rfind('\n', 0, at)
        raise __engine_json__.JSONDecodeError(f'{message}: line {line} column {column} (char {at})')
    return value


def __engine_json_error__(text, *, len=len):
    # What CPython says of the first error: the message and its place. None for no error.
    def blank(i):
        while i < len(text) and text[i] in ' \t\n\r':
            i += 1
        return i

    def string(i):
        # `i` is behind the quote; the end is negative for an error.
        begin = i - 1
        while True:
            if i >= len(text):
                return 'Unterminated string starting at', begin
            c = text[i]
            if c == '"':
                return None, i + 1
            if c < ' ':
                return 'Invalid control character at', i
            i += 1
            if c == '\\':
                if i >= len(text):
                    return 'Unterminated string starting at', begin
                d = text[i]
                if d == 'u':
                    digits = text[i + 1:i + 5]
                    if i + 5 >= len(text) or digits.strip('0123456789abcdefABCDEF'):
                        return 'Invalid \\uXXXX escape', i
                    i += 5
                elif d in '"\\/bfnrt':
                    i += 1
                else:
                    return 'Invalid \\escape', i - 1

    def number(i):
        # The end of a number, or -1.
        n = len(text)
        if i < n and text[i] == '-':
            i += 1
        if i >= n or text[i] not in '0123456789':
            return -1
        if text[i] == '0':
            i += 1
        else:
            while i < n and text[i] in '0123456789':
                i += 1
        if i + 1 < n and text[i] == '.' and text[i + 1] in '0123456789':
            i += 1
            while i < n and text[i] in '0123456789':
                i += 1
        if i < n and text[i] in 'eE':
            j = i + 1
            if j < n and text[j] in '+-':
                j += 1
            if j < n and text[j] in '0123456789':
                while j < n and text[j] in '0123456789':
                    j += 1
                i = j
        return i

    def value(i, depth):
        c = text[i:i + 1]
        if depth > 50:
            __engine_refuse__('the texts of some errors in JSON')
        if c == '"':
            return string(i + 1)
        if c == '{':
            i = blank(i + 1)
            if text[i:i + 1] == '}':
                return None, i + 1
            while True:
                if text[i:i + 1] != '"':
                    return 'Expecting property name enclosed in double quotes', i
                error, i = string(i + 1)
                if error:
                    return error, i
                i = blank(i)
                if text[i:i + 1] != ':':
                    return "Expecting ':' delimiter", i
                error, i = value(blank(i + 1), depth + 1)
                if error:
                    return error, i
                i = blank(i)
                if text[i:i + 1] == '}':
                    return None, i + 1
                if text[i:i + 1] != ',':
                    return "Expecting ',' delimiter", i
                i = blank(i + 1)
        if c == '[':
            i = blank(i + 1)
            if text[i:i + 1] == ']':
                return None, i + 1
            while True:
                error, i = value(i, depth + 1)
                if error:
                    return error, i
                i = blank(i)
                if text[i:i + 1] == ']':
                    return None, i + 1
                if text[i:i + 1] != ',':
                    return "Expecting ',' delimiter", i
                i = blank(i + 1)
        for word in ('null', 'true', 'false'):
            if text[i:i + len(word)] == word:
                return None, i + len(word)
        end = number(i)
        if end < 0:
            return 'Expecting value', i
        return None, end

    if text[:1] == '\ufeff':
        return None
    error, at = value(blank(0), 0)
    if error:
        return error, at
    at = blank(at)
    return ('Extra data', at) if at < len(text) else None


def __engine_base64_text__(text, *, type=type, str=str):
    # CPython ends at the padding, and ignores other letters than those of the alphabet.
    plain = text if type(text) is str else text.decode('utf-8', 'replace') if type(text).__name__ == 'bytes' else ''
    rest = plain.rstrip('=')
    letters = rest.replace('+', '').replace('/', '').replace('-', '').replace('_', '')
    if '=' in rest or letters and not (letters.isascii() and letters.isalnum()):
        __engine_refuse__('this text in base64')
    return text


def __engine_wraps__(wrapped, **options):
    return lambda f: f


