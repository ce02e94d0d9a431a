# Texts of values that the engine writes in another way, which a script must not read.
def __engine_text__(text, *, isinstance=isinstance, str=str, len=len):
    if not isinstance(text, str):
        return text
    if '<function ' in text or '<bound method ' in text:
        __engine_refuse__('the text of a function')
    if '_engine_live_=' in text:
        __engine_refuse__('the text of a live object')
    if ' at 0x' in text:
        for rest in text.split(' at 0x')[1:]:
            number = rest.split('>')[0]
            if len(number) < len(rest) and len(number) <= 8 and number.strip('0123456789abcdef') == '':
                __engine_refuse__('the text of an object')
    if '...' in text:
        at = text.find('...')
        while at >= 0:
            before = text[:at]
            opened = before.count('[') + before.count('(') + before.count('{')
            if opened - before.count(']') - before.count(')') - before.count('}') >= 40:
                __engine_refuse__('the text of a deeply nested value')
            at = text.find('...', at + 3)
        if '[...]' in text or '{...}' in text:
            __engine_refuse__('the text of a value that contains itself')
    return text


# Classes that the engine has for several ones of CPython.
__engine_other_names__ = ('function', 'builtin_function_or_method', 'list_iterator', 'iterator', 'reversed', 'groups', 'group')


def __engine_name_of__(kind, *, others=__engine_other_names__):
    name = kind.__name__
    if name in others or '__engine' in name:
        __engine_refuse__('the name of this class')
    return name


