"""What the standard library asks of an operating system. A SmartStream has none."""

import abc

curdir = "."
pardir = ".."
sep = "/"
linesep = "\n"
name = "smartstream"
environ = {}


class PathLike(abc.ABC):
    """The type of paths, for annotations."""

    @abc.abstractmethod
    def __fspath__(self):
        raise NotImplementedError


def fspath(path):
    """A path as text or bytes."""
    return path if isinstance(path, (str, bytes)) else path.__fspath__()


def getenv(name, default=None):
    """An environment variable, of which there are none."""
    return default


def urandom(size):
    """Bytes that are the same in each instance."""
    import random

    return random.randbytes(size)


def __getattr__(name):
    raise AttributeError(f"os.{name} is not there: a SmartStream reaches no files, processes or environment")
