# sorted() with functools.cmp_to_key(): a stable merge sort.
__engine_raw_sorted__ = sorted


class __engine_cmp_to_key__:
    def __init__(self, compare):
        self.compare = compare


def sorted(values, /, *, key=None, reverse=False, plain=__engine_raw_sorted__, type=type, list=list):
    if type(key) is not __engine_cmp_to_key__:
        return plain(values, key=key, reverse=reverse)
    values = list(values)
    if reverse:
        values.reverse()
    values = __engine_merge_sort__(values, key.compare)
    if reverse:
        values.reverse()
    return values


def __engine_merge_sort__(values, compare, *, len=len):
    if len(values) < 2:
        return values
    half = len(values) // 2
    left = __engine_merge_sort__(values[:half], compare)
    right = __engine_merge_sort__(values[half:], compare)
    out = []
    i = 0
    j = 0
    while i < len(left) and j < len(right):
        if compare(right[j], left[i]) < 0:
            out.append(right[j])
            j += 1
        else:
            out.append(left[i])
            i += 1
    return out + left[i:] + right[j:]


