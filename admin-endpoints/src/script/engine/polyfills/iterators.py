# Iterators that are lazy and can be read once. The engine has lists instead.
__engine_iter__ = iter
__engine_next__ = next
__engine_raw_reversed__ = reversed


class map:
    def __init__(self, function, *iterables):
        if not iterables:
            raise TypeError('map() must have at least two arguments.')
        self._function = function
        self._iterators = [__engine_iter__(x) for x in iterables]
        self._one = len(iterables) == 1

    def __iter__(self):
        return self

    def __next__(self):
        if self._one:
            return self._function(__engine_next__(self._iterators[0]))
        return self._function(*[__engine_next__(x) for x in self._iterators])


class filter:
    def __init__(self, function, iterable, /):
        self._function = function
        self._iterator = __engine_iter__(iterable)

    def __iter__(self):
        return self

    def __next__(self):
        function = self._function
        while True:
            x = __engine_next__(self._iterator)
            if (x if function is None else function(x)):
                return x


class zip:
    def __init__(self, *iterables, strict=False):
        self._iterators = [__engine_iter__(x) for x in iterables]
        self._strict = strict

    def __iter__(self):
        return self

    def __next__(self):
        if not self._iterators:
            raise StopIteration
        values = []
        for at in range(len(self._iterators)):
            try:
                values.append(__engine_next__(self._iterators[at]))
            except StopIteration:
                if not self._strict:
                    raise
                if at > 0:
                    which = ' ' if at == 1 else 's 1-'
                    raise ValueError(f'zip() argument {at + 1} is shorter than argument{which}{at}')
                for other in range(1, len(self._iterators)):
                    longer = True
                    try:
                        __engine_next__(self._iterators[other])
                    except StopIteration:
                        longer = False
                    if longer:
                        which = ' ' if other == 1 else 's 1-'
                        raise ValueError(f'zip() argument {other + 1} is longer than argument{which}{other}')
                raise
        return tuple(values)


class enumerate:
    def __init__(self, iterable, start=0):
        if not isinstance(start, int):
            raise TypeError("'" + type(start).__name__ + "' object cannot be interpreted as an integer")
        self._iterator = __engine_iter__(iterable)
        self._at = start - 1

    def __iter__(self):
        return self

    def __next__(self):
        x = __engine_next__(self._iterator)
        self._at += 1
        return self._at, x


class reversed:
    def __init__(self, sequence, /):
        kind = type(sequence)
        if isinstance(sequence, dict) or kind.__name__ in ('dict_keys', 'dict_values', 'dict_items'):
            sequence = list(sequence)
        elif not (isinstance(sequence, (list, tuple, str, bytes, range)) or kind.__name__ == 'deque'):
            raise TypeError("'" + kind.__name__ + "' object is not reversible")
        self._sequence = sequence
        self._at = len(sequence)

    def __iter__(self):
        return self

    def __next__(self):
        self._at -= 1
        if self._at < 0 or self._at >= len(self._sequence):
            self._at = -1
            raise StopIteration
        return self._sequence[self._at]


def __engine_generator_class__(iter=iter, next=next, len=len, tuple=tuple, StopIteration=StopIteration,
                               RuntimeError=RuntimeError, ValueError=ValueError):
    class generator:
        def __init__(self, iterable, condition, body, spread, nested):
            self._iterator = iter(iterable)
            self._condition = condition
            self._body = body
            self._spread = spread
            self._nested = nested
            self._inner = None
            self._done = False

        def __iter__(self):
            return self

        def __next__(self):
            if self._done:
                raise StopIteration
            self._done = True
            while True:
                if self._inner is not None:
                    try:
                        x = next(self._inner)
                        self._done = False
                        return x
                    except StopIteration:
                        self._inner = None
                x = next(self._iterator)
                spread = self._spread
                if spread:
                    x = tuple(x)
                    if len(x) < spread:
                        raise ValueError(f'not enough values to unpack (expected {spread}, got {len(x)})')
                    if len(x) > spread:
                        raise ValueError(f'too many values to unpack (expected {spread})')
                else:
                    x = (x,)
                try:
                    if self._condition is not None and not self._condition(*x):
                        continue
                    x = self._body(*x)
                    if self._nested:
                        self._inner = x
                        continue
                except StopIteration:
                    raise RuntimeError('generator raised StopIteration')
                self._done = False
                return x

    return generator


__engine_generator__ = __engine_generator_class__()


