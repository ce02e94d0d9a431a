# `%`, which the engine does not do for str.

def __engine_percent__(a, b, *, isinstance=isinstance, str=str, int=int, float=float, bool=bool, tuple=tuple,
                dict=dict, list=list, bytes=bytes, len=len, chr=chr, ord=ord, type=type, repr=repr,
                abs=abs, hasattr=hasattr, TypeError=TypeError,
                ValueError=ValueError, OverflowError=OverflowError):
    if not isinstance(a, str):
        return __engine_mod__(a, b)
    values = b if isinstance(b, tuple) else (b,)
    mapping = not isinstance(b, (tuple, str)) and (isinstance(b, (dict, list, bytes)) or hasattr(b, '__getitem__'))
    at = 0
    used_key = False
    out = []
    i = 0
    n = len(a)
    while i < n:
        j = a.find('%', i)
        if j < 0:
            out.append(a[i:])
            break
        out.append(a[i:j])
        i = j + 1
        keyed = False
        arg = None
        if i < n and a[i] == '(':
            depth = 1
            start = i + 1
            i = start
            while i < n and depth > 0:
                if a[i] == ')':
                    depth -= 1
                elif a[i] == '(':
                    depth += 1
                i += 1
            if isinstance(b, list):
                raise TypeError('list indices must be integers or slices, not str')
            if isinstance(b, bytes):
                raise TypeError('byte indices must be integers or slices, not str')
            if not isinstance(b, dict):
                raise TypeError('format requires a mapping')
            if depth > 0:
                raise ValueError('incomplete format key')
            arg = b[a[start:i - 1]]
            keyed = True
            used_key = True
        left = plus = space = alt = zero = False
        while i < n and a[i] in '-+ #0':
            c = a[i]
            if c == '-':
                left = True
            elif c == '+':
                plus = True
            elif c == ' ':
                space = True
            elif c == '#':
                alt = True
            else:
                zero = True
            i += 1
        width = -1
        if i < n and a[i] == '*':
            if keyed:
                raise TypeError('* wants int')
            if at >= len(values):
                raise TypeError('not enough arguments for format string')
            width = values[at]
            if not isinstance(width, int):
                raise TypeError('* wants int')
            width = int(width)
            at += 1
            i += 1
            if width < 0:
                left = True
                width = -width
        else:
            digits = i
            while i < n and '0' <= a[i] <= '9':
                i += 1
            if i > digits:
                width = int(a[digits:i])
        precision = -1
        if i < n and a[i] == '.':
            i += 1
            precision = 0
            if i < n and a[i] == '*':
                if keyed:
                    raise TypeError('* wants int')
                if at >= len(values):
                    raise TypeError('not enough arguments for format string')
                precision = values[at]
                if not isinstance(precision, int):
                    raise TypeError('* wants int')
                precision = int(precision)
                if precision < 0:
                    precision = 0
                at += 1
                i += 1
            else:
                digits = i
                while i < n and '0' <= a[i] <= '9':
                    i += 1
                if i > digits:
                    precision = int(a[digits:i])
        if i < n and a[i] in 'hlL':
            i += 1
        if i >= n:
            raise ValueError('incomplete format')
        if width > 2147483647:
            raise ValueError('width too big')
        if precision > 2147483647:
            raise ValueError('precision too big')
        c = a[i]
        i += 1
        if c == '%' and i == j + 2:
            out.append('%')
            continue
        if not keyed:
            if at >= len(values):
                raise TypeError('not enough arguments for format string')
            arg = values[at]
            at += 1
        sign = ''
        prefix = ''
        numeric = False
        if c == 's' or c == 'r' or c == 'a':
            text = f'{arg!s}' if c == 's' else f'{arg!r}'
            if c == 'a':
                escaped = []
                for letter in text:
                    code = ord(letter)
                    if code < 128:
                        escaped.append(letter)
                    elif code < 256:
                        escaped.append('\\x' + f'{code:02x}')
                    elif code < 65536:
                        escaped.append('\\u' + f'{code:04x}')
                    else:
                        escaped.append('\\U' + f'{code:08x}')
                text = ''.join(escaped)
            if precision >= 0:
                text = text[:precision]
        elif c == 'c':
            if isinstance(arg, int):
                if arg < 0 or arg > 1114111:
                    raise OverflowError('%c arg not in range(0x110000)')
                text = chr(arg)
            elif isinstance(arg, str) and len(arg) == 1:
                text = arg
            else:
                raise TypeError('%c requires int or char')
        elif c in 'diuxXo':
            if isinstance(arg, float):
                if c in 'xXo':
                    raise TypeError('%' + c + ' format: an integer is required, not float')
                arg = int(arg)
            elif not isinstance(arg, int):
                kind = 'an integer is required' if c in 'xXo' else 'a real number is required'
                raise TypeError('%' + c + ' format: ' + kind + ', not ' + type(arg).__name__)
            numeric = True
            arg = int(arg)
            sign = '-' if arg < 0 else '+' if plus else ' ' if space else ''
            if c in 'xX':
                text = f'{abs(arg):{c}}'
                prefix = '0' + c if alt else ''
            elif c == 'o':
                text = f'{abs(arg):o}'
                prefix = '0o' if alt else ''
            else:
                text = str(abs(arg))
            if len(text) < precision:
                text = '0' * (precision - len(text)) + text
        elif c in 'eEfFgG':
            if not isinstance(arg, (int, float)):
                raise TypeError('must be real number, not ' + type(arg).__name__)
            numeric = True
            arg = __engine_float__(int(arg)) if isinstance(arg, int) else float(arg)
            spec = ('#' if alt else '') + '.' + str(6 if precision < 0 else precision) + c
            text = f'{arg:{spec}}'
            if text[0] == '-':
                sign = '-'
                text = text[1:]
            else:
                sign = '+' if plus else ' ' if space else ''
        else:
            raise ValueError('unsupported format character ' + "'" + c + "' (0x" + f'{ord(c):x}' + ') at index ' + str(i - 1))
        body = sign + prefix + text
        pad = width - len(body)
        if pad > 0:
            if left:
                body = body + ' ' * pad
            elif numeric and zero:
                body = sign + prefix + '0' * pad + text
            else:
                body = ' ' * pad + body
        out.append(body)
    if at < len(values) and not used_key and not mapping:
        raise TypeError('not all arguments converted during string formatting')
    return ''.join(out)


