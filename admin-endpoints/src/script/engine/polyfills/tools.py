# Functions of itertools and functools that the engine lacks.

def __engine_tool_iterator__(iter=iter, next=next, list=list, len=len, StopIteration=StopIteration):
    class groups:
        def __init__(self, iterable, key):
            self._iterator = iter(iterable)
            self._key = key
            self._group = None
            self._has_item = False

        def __iter__(self):
            return self

        def read(self):
            self._has_item = False
            self.item = next(self._iterator)
            self.key = self.item if self._key is None else self._key(self.item)
            self._has_item = True

        def __next__(self):
            before = self._group
            self._group = None
            if before is None:
                if not self._has_item:
                    self.read()
            else:
                while not before.is_behind:
                    self.read()
                    before.is_behind = not before.key == self.key
            self._group = group(self, self.key)
            return self.key, self._group

        def read_in(self, group):
            # The next item of a group, unless a later group was begun.
            if group.is_behind or self._group is not group:
                raise StopIteration
            if group.is_read:
                self._has_item = False
                self.read()
                if not group.key == self.key:
                    group.is_behind = True
                    raise StopIteration
            group.is_read = True
            return self.item

    class group:
        def __init__(self, groups, key):
            self._groups = groups
            self.key = key
            self.is_read = False
            self.is_behind = False

        def __iter__(self):
            return self

        def __next__(self):
            return self._groups.read_in(self)

    return groups


__engine_groups__ = __engine_tool_iterator__()


def __engine_groupby__(iterable, key=None):
    return __engine_groups__(iterable, key)


def __engine_product__(*iterables, repeat=1, list=list, iter=iter, tuple=tuple, range=range):
    pools = []
    for _ in range(repeat):
        for x in iterables:
            pools.append(list(x))
    found = [()]
    for pool in pools:
        found = [done + (x,) for done in found for x in pool]
    return iter(found)


def __engine_choices__(items, r, from_next, again, *, range=range, len=len, tuple=tuple):
    found = [[]]
    for _ in range(r):
        longer = []
        for chosen in found:
            first = 0
            if from_next and chosen:
                first = chosen[-1] + 1
            for at in range(first, len(items)):
                if again or at not in chosen:
                    longer.append(chosen + [at])
        found = longer
    return [tuple([items[at] for at in chosen]) for chosen in found]


def __engine_combinations__(iterable, r, *, list=list, iter=iter, ValueError=ValueError):
    if r < 0:
        raise ValueError('r must be non-negative')
    return iter(__engine_choices__(list(iterable), r, True, False))


def __engine_permutations__(iterable, r=None, *, list=list, iter=iter, len=len, ValueError=ValueError):
    items = list(iterable)
    if r is None:
        r = len(items)
    if r < 0:
        raise ValueError('r must be non-negative')
    return iter(__engine_choices__(items, r, False, False))


def __engine_cache__(function, size=None, *, tuple=tuple, list=list, len=len, next=next, iter=iter, type=type,
                     int=int, str=str):
    # The result that was used last is the last one of the dict.
    known = {}

    def cached(*args, **keyword):
        # As in CPython, an int alone is another key than an equal float, and the order of keywords counts.
        key = args
        if keyword:
            key = (args, tuple(keyword.items()))
        elif len(args) == 1 and (type(args[0]) is int or type(args[0]) is str):
            key = args[0]
        for part in list(args) + list(keyword.values()):
            if type(part) is not str:
                {part: 0}
        if key in known:
            value = known.pop(key)
        else:
            value = function(*args, **keyword)
            if size is not None and len(known) >= size:
                known.pop(next(iter(known)))
        known[key] = value
        return value

    return cached


def __engine_lru_cache__(maxsize=128, typed=False, *, type=type):
    if typed or maxsize == 0 or type(maxsize).__name__ == 'int' and maxsize < 0:
        __engine_refuse__('the arguments typed and maxsize=0 of lru_cache')
    if maxsize is None or type(maxsize).__name__ == 'int':
        return lambda function: __engine_cache__(function, maxsize)
    return __engine_cache__(maxsize, 128)


