"""Sample data: an endless, lifelike stream, the same for the same seed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pyarrow as pa

from engine.records.batch import record_batch

DEFAULT_SEED = 2021
POOL = 4_096
"""Records prepared ahead: taking one and inserting its number takes 1.6 µs, making one 9."""

_CITIES = (
    "Lisbon",
    "Kraków",
    "Nairobi",
    "Osaka",
    "Montréal",
    "Córdoba",
    "Tromsø",
    "Austin",
    "Hanoi",
    "Perth",
)
_ITEMS = ("lamp", "kettle", "notebook", "rain coat", "bicycle bell", "tea", "headphones", "desk", "seed mix")
_PATHS = ("/", "/search", "/basket", "/checkout", "/api/orders", "/api/stock", "/static/app.js", "/login")
_STATUSES = (200, 200, 200, 200, 200, 200, 204, 301, 304, 404, 404, 500, 503)
_STATES = ("placed", "placed", "paid", "paid", "paid", "shipped", "shipped", "returned", "failed")
_REMARKS = (
    "WARN payment gateway slow, trying again",
    "INFO cache warmed",
    "courier could not find the door",
    "ERROR stock service did not answer in 2000 ms",
    "customer asks: is the kettle back in stock?",
    "INFO nightly export finished",
)


@dataclass(frozen=True, slots=True)
class _Template:
    """A record without its number, which goes between `before` and `after`."""

    key: bytes | None
    before: bytes
    after: bytes


class DemoStream:
    """Orders and web requests as JSON, some plain text and numbers, now and then bytes that are not UTF-8."""

    def __init__(self, seed: int = DEFAULT_SEED) -> None:
        self._random = Random(seed)
        self._pool = [self._template() for _ in range(POOL)]
        self._number = 10_000

    def take(self, count: int) -> pa.RecordBatch:
        """The next `count` records, stamped now."""
        drawn = self._random.choices(self._pool, k=count)
        first = self._number
        self._number += count
        values = [b"%b%d%b" % (t.before, number, t.after) for number, t in enumerate(drawn, first)]
        return record_batch(values, keys=[t.key for t in drawn])

    def _template(self) -> _Template:
        kinds: tuple[Callable[[], _Template], ...]
        kinds = (self._order, self._request, self._remark, self._reading, self._not_utf8)
        (make,) = self._random.choices(kinds, weights=(50, 34, 9, 6.5, 0.5))
        return make()

    def _order(self) -> _Template:
        choose = self._random.choice
        customer = f"customer-{self._random.randrange(400):03}"
        return _json(
            customer,
            {
                "type": "order",
                "customer": customer,
                "city": choose(_CITIES),
                "item": choose(_ITEMS),
                "quantity": self._random.randint(1, 5),
                "amount": round(self._random.lognormvariate(3.4, 0.9), 2),
                "status": choose(_STATES),
            },
        )

    def _request(self) -> _Template:
        choose = self._random.choice
        city = choose(_CITIES)
        return _json(
            city,
            {
                "type": "request",
                "method": choose(("GET", "GET", "GET", "POST")),
                "path": choose(_PATHS),
                "status": choose(_STATUSES),
                "ms": max(1, round(self._random.lognormvariate(3.2, 1.1))),
                "city": city,
            },
        )

    def _remark(self) -> _Template:
        return _Template(None, f"{self._random.choice(_REMARKS)} (".encode(), b")")

    def _reading(self) -> _Template:
        return _Template(b"meter", b"", b"%04d" % self._random.randrange(10_000))

    def _not_utf8(self) -> _Template:
        # Latin-1 from some old till, and plain noise: what a filter that unwraps stumbles over.
        if self._random.random() < 0.5:
            return _Template(b"till", "Quittung für Café Zürich Nr. ".encode("latin-1"), b"")
        return _Template(None, b"\xff\xfe" + self._random.randbytes(6), b"\x80")


def _json(key: str, content: dict[str, str | int | float]) -> _Template:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return _Template(key.encode(), b'{"id":', f",{text[1:]}".encode())
