"""Random numbers, from the same seed in each instance: a record gives the same result again."""

from _random import Random as _Generator
from bisect import bisect as _bisect
from itertools import accumulate as _accumulate
from math import cos as _cos
from math import log as _log
from math import pi as _pi
from math import sqrt as _sqrt


class Random(_Generator):
    """A generator of its own."""

    def __new__(cls, seed=0):
        return super().__new__(cls)

    def __init__(self, seed=0):
        self.seed(seed)

    def seed(self, seed=0, version=2):
        if isinstance(seed, (str, bytes, bytearray)):
            seed = int.from_bytes(seed.encode() if isinstance(seed, str) else bytes(seed), "big")
        super().seed(0 if seed is None else seed)

    def randbytes(self, size):
        return self.getrandbits(8 * size).to_bytes(size, "little")

    def _below(self, end):
        bits = end.bit_length()
        while (found := self.getrandbits(bits)) >= end:
            pass
        return found

    def randrange(self, start, stop=None, step=1):
        choices = range(start) if stop is None else range(start, stop, step)
        if not choices:
            raise ValueError(f"empty range in randrange({start}, {stop}, {step})")
        return choices[self._below(len(choices))]

    def randint(self, first, last):
        return self.randrange(first, last + 1)

    def uniform(self, first, last):
        return first + (last - first) * self.random()

    def choice(self, values):
        if not len(values):
            raise IndexError("cannot choose from an empty sequence")
        return values[self._below(len(values))]

    def choices(self, values, weights=None, *, cum_weights=None, k=1):
        if weights is None and cum_weights is None:
            return [self.choice(values) for _ in range(k)]
        sums = list(_accumulate(weights)) if cum_weights is None else list(cum_weights)
        return [values[_bisect(sums, self.random() * sums[-1], 0, len(sums) - 1)] for _ in range(k)]

    def shuffle(self, values):
        for at in range(len(values) - 1, 0, -1):
            other = self._below(at + 1)
            values[at], values[other] = values[other], values[at]

    def sample(self, values, k):
        rest = list(values)
        if not 0 <= k <= len(rest):
            raise ValueError("sample larger than population or is negative")
        self.shuffle(rest)
        return rest[:k]

    def gauss(self, mu=0.0, sigma=1.0):
        return mu + sigma * _sqrt(-2.0 * _log(1.0 - self.random())) * _cos(2.0 * _pi * self.random())

    normalvariate = gauss

    def expovariate(self, lambd=1.0):
        return -_log(1.0 - self.random()) / lambd


_shared = Random()
seed = _shared.seed
random = _shared.random
getrandbits = _shared.getrandbits
getstate = _shared.getstate
setstate = _shared.setstate
randbytes = _shared.randbytes
randrange = _shared.randrange
randint = _shared.randint
uniform = _shared.uniform
choice = _shared.choice
choices = _shared.choices
shuffle = _shared.shuffle
sample = _shared.sample
gauss = _shared.gauss
normalvariate = _shared.normalvariate
expovariate = _shared.expovariate
