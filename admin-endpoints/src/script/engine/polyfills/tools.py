# Functions of itertools and functools that the engine lacks.

def __engine_tool_iterator__(iter=iter, next=next, list=list, len=len, StopIteration=StopIteration):
    class groups:
        def __init__(self, iterable, key):
            self._items = list(iterable)
            self._keys = self._items if key is None else [key(x) for x in self._items]
            self._at = 0
            self._group = None

        def __iter__(self):
            return self

        def __next__(self):
            keys = self._keys
            if self._group is not None:
                self._at = self._group.end
                self._group.at = self._group.end
            if self._at >= len(keys):
                raise StopIteration
            end = self._at + 1
            while end < len(keys) and keys[end] == keys[self._at]:
                end += 1
            self._group = group(self._items, self._at, end)
            return keys[self._at], self._group

    class group:
        def __init__(self, items, at, end):
            self._items = items
            self.at = at
            self.end = end

        def __iter__(self):
            return self

        def __next__(self):
            if self.at >= self.end:
                raise StopIteration
            self.at += 1
            return self._items[self.at - 1]

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


def __engine_cache__(function, *, sorted=sorted, tuple=tuple, list=list):
    known = {}

    def cached(*args, **keyword):
        key = (args, tuple(sorted(keyword.items()))) if keyword else args
        for part in list(args) + list(keyword.values()):
            if type(part) is not str:
                {part: 0}
        if key not in known:
            known[key] = function(*args, **keyword)
        return known[key]

    return cached


def __engine_lru_cache__(maxsize=128, typed=False, *, type=type):
    if typed or maxsize == 0:
        __engine_refuse__('the arguments typed and maxsize=0 of lru_cache')
    if maxsize is None or type(maxsize).__name__ == 'int':
        return __engine_cache__
    return __engine_cache__(maxsize)


