"""The locale C, which is the only one."""

LC_CTYPE = 0
LC_NUMERIC = 1
LC_TIME = 2
LC_COLLATE = 3
LC_MONETARY = 4
LC_MESSAGES = 5
LC_ALL = 6
CHAR_MAX = 127


class Error(Exception):
    """There is no other locale."""


def getlocale(category=LC_CTYPE):
    """No language and no encoding."""
    return (None, None)


def setlocale(category, locale=None):
    """The locale, which stays what it is."""
    if locale not in (None, "", "C", "POSIX", (None, None)):
        raise Error("unsupported locale setting")
    return "C"


def localeconv():
    """How numbers are written."""
    return {"decimal_point": ".", "thousands_sep": "", "grouping": []}


def getpreferredencoding(do_setlocale=True):
    """Of all text."""
    return "utf-8"


def getencoding():
    """Of all text."""
    return "utf-8"
