# The engine shows a value that is nested deeper than calls may be as `...`.
def __engine_text__(text, *, isinstance=isinstance, str=str, range=range, len=len):
    if isinstance(text, str) and '...' in text:
        depth = 0
        for at in range(len(text)):
            letter = text[at]
            if letter in '[({':
                depth += 1
            elif letter in '])}':
                depth -= 1
            elif letter == '.' and depth >= 40 and text[at:at + 3] == '...':
                __engine_refuse__('the text of a deeply nested value')
    return text


