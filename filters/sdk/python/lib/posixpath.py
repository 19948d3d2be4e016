"""The part of os.path that `fnmatch` uses."""


def normcase(path):
    """The path itself: case counts."""
    return path
