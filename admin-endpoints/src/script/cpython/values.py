"""Values between a script and the server: JSON that names the type of each value.

The server defines `MAX_DEPTH`, how deep an argument may be.
"""

import struct

MIN_INT, MAX_INT = -(2**127), 2**127 - 1


class Record:
    """A copy of a struct of the program, shown as a dataclass is."""

    def __init__(self, fields):
        self.__dict__.update(fields)

    def __repr__(self):
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({fields})"

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None


class Values:
    """Converts values of one script."""

    def __init__(self, live_objects):
        self.live_objects = live_objects
        self.record_types = {}

    def from_server(self, sent):
        """A value as the script sees it."""
        if sent == "None":
            return None
        ((kind, value),) = sent.items()
        if kind in ("Bool", "Int", "Str"):
            return value
        if kind == "Float":  # its bits, since JSON has neither infinities nor NaN
            return struct.unpack("<d", struct.pack("<Q", value))[0]
        if kind == "Bytes":
            return bytes(value)
        if kind == "List":
            return [self.from_server(item) for item in value]
        if kind == "Tuple":
            return tuple(self.from_server(item) for item in value)
        if kind == "Dict":
            return {self.from_server(key): self.from_server(item) for key, item in value}
        if kind == "Struct":
            fields = {name: self.from_server(item) for name, item in value["fields"].items()}
            return self.record_type(value["name"])(fields)
        return self.live_objects.get(value["id"], value["class"])

    def record_type(self, name):
        if name not in self.record_types:
            self.record_types[name] = type(name, (Record,), {"__module__": "__main__"})
        return self.record_types[name]

    def to_server(self, value, depth=0):
        """An argument for the server; what it has no type for is sent as text."""
        if depth > MAX_DEPTH:
            raise ValueError("an argument is nested too deeply")

        def inner(items):
            return [self.to_server(item, depth + 1) for item in items]

        if value is None:
            return "None"
        if isinstance(value, bool):
            return {"Bool": bool(value)}
        if isinstance(value, int) and MIN_INT <= value <= MAX_INT:
            return {"Int": int(value)}
        if isinstance(value, float):
            return {"Float": struct.unpack("<Q", struct.pack("<d", value))[0]}
        if isinstance(value, (bytes, bytearray)):
            return {"Bytes": list(value)}
        if isinstance(value, tuple):
            return {"Tuple": inner(value)}
        if isinstance(value, (list, set, frozenset)):
            return {"List": inner(value)}
        if isinstance(value, dict):
            return {"Dict": [inner(pair) for pair in value.items()]}
        number = self.live_objects.number_of(value)
        if number is not None:
            return {"Object": {"id": number, "class": type(value).__name__}}
        text = type(value).__name__ if isinstance(value, Record) else str(value)
        text.encode()  # raises for a part of a surrogate pair, which cannot be sent
        return {"Str": text}
