"""Live objects of the program: each attribute is read from the server when a script uses it."""

EXCEPTIONS = {
    "Attribute": AttributeError,
    "Key": KeyError,
    "Os": OSError,
    "Permission": PermissionError,
    "Runtime": RuntimeError,
    "Timeout": TimeoutError,
    "Type": TypeError,
    "Value": ValueError,
}


def is_text(name):
    """Whether a name can be sent: one with a part of a surrogate pair cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


class LiveType(type):
    """The type of the types of live objects, which cannot be changed."""

    def __setattr__(cls, name, value):
        raise TypeError(f"cannot set '{name}' attribute of immutable type '{cls.__name__}'")

    def __delattr__(cls, name):
        raise TypeError(f"cannot delete '{name}' attribute of immutable type '{cls.__name__}'")


class LiveObject(metaclass=LiveType):
    """What all live objects share; a type for each class of the program is made from it."""

    __slots__ = ()

    def __setattr__(self, name, value):
        raise AttributeError(f"'{type(self).__name__}' object attribute '{name}' is read-only")

    def __delattr__(self, name):
        raise AttributeError(f"'{type(self).__name__}' object attribute '{name}' is read-only")

    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")


class LiveObjects:
    """The live objects of one script by their numbers, and the questions about them."""

    def __init__(self, server):
        self.server = server
        self.values = Values(self)
        self.by_number = {}
        self.numbers = {}  # by id(), which stays that of the object in `by_number`
        self.types = {}
        self.methods = {}

    def get(self, number, class_name):
        if number not in self.by_number:
            made = self.live_type(class_name)()
            self.by_number[number] = made
            self.numbers[id(made)] = number
        return self.by_number[number]

    def number_of(self, value):
        return self.numbers.get(id(value))

    def live_type(self, class_name):
        if class_name not in self.types:
            members = {"__slots__": (), "__module__": "__main__"}
            members["__getattr__"] = lambda value, name: self.attribute(value, name)
            self.types[class_name] = LiveType(class_name, (LiveObject,), members)
        return self.types[class_name]

    def attribute(self, value, name):
        number = self.number_of(value)
        missing = f"'{type(value).__name__}' object has no attribute '{name}'"
        if number is None or name.startswith("_") or not is_text(name):
            raise AttributeError(missing)
        if (number, name) in self.methods:
            return self.methods[number, name]
        reply = self.server.ask({"Attribute": {"object": number, "name": name}})
        if reply == "Undefined":
            raise AttributeError(missing)
        if reply == "Method":
            return self.methods.setdefault((number, name), self.method(number, name))
        return self.value_of(reply)

    def method(self, number, name):
        def call(*args, **keyword):
            to_server = self.values.to_server
            keyword = [[to_server(key)["Str"], to_server(value)] for key, value in keyword.items()]
            args = [to_server(value) for value in args]
            question = {"object": number, "method": name, "args": args, "keyword": keyword}
            return self.value_of(self.server.ask({"Call": question}))

        call.__name__ = call.__qualname__ = name
        call.__module__ = "__main__"
        return call

    def environ(self):
        """The variables of the program, secrets masked."""
        return self.value_of(self.server.ask("Environ"))

    def value_of(self, reply):
        if "Raise" in reply:
            raised = reply["Raise"]
            raise EXCEPTIONS[raised["exception"]](raised["message"])
        return self.values.from_server(reply["Value"])
