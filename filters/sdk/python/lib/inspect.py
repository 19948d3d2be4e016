"""The parts of `inspect` that `dataclasses` and `typing` use."""

_MISSING = object()


def unwrap(function, *, stop=None):
    """The function that decorators have wrapped."""
    while hasattr(function, "__wrapped__") and not (stop and stop(function)):
        function = function.__wrapped__
    return function


def signature(function, **options):
    """Nothing is known of a signature: documentation goes without it."""
    raise ValueError("signatures are not known")


def getattr_static(owner, name, default=_MISSING):
    """An attribute that is found without running code of its class."""
    classes = type.__mro__.__get__(owner if isinstance(owner, type) else type(owner))
    places = [one.__dict__ for one in classes]
    if not isinstance(owner, type):
        places.insert(0, getattr(owner, "__dict__", {}))
    for place in places:
        if name in place:
            return place[name]
    if default is _MISSING:
        raise AttributeError(name)
    return default


def isfunction(value):
    """Whether a value is a function in Python."""
    return type(value) is type(isfunction)


def isclass(value):
    """Whether a value is a class."""
    return isinstance(value, type)
