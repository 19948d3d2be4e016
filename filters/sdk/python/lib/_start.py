"""Runs before each source: printed lines and the clock are those of the record."""

import sys
import time

from _host import now, write


class _Lines:
    """In place of the standard streams."""

    encoding = "utf-8"

    def write(self, text):
        return write(text)

    def flush(self):
        pass


def _nanoseconds():
    return int(now() * 1_000_000_000)


def _of_record(convert):
    """A conversion of a time that takes the record's if it is given none."""

    def converted(seconds=None):
        return convert(now() if seconds is None else seconds)

    return converted


def _sleep(seconds):
    raise OSError("a SmartStream cannot sleep")


sys.stdout = sys.stderr = _Lines()
time.time = time.monotonic = time.perf_counter = time.process_time = now
time.time_ns = time.monotonic_ns = time.perf_counter_ns = time.process_time_ns = _nanoseconds
time.gmtime = time.localtime = _of_record(time.gmtime)
time.sleep = _sleep
time.tzname = ("UTC", "UTC")
time.timezone = time.altzone = time.daylight = 0
