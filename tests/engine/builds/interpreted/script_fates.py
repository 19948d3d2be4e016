"""What becomes of a script that was changed at random, over records of any bytes."""

import random

from engine.errors import ContractError, StartError
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from engine.runtime.loading.scripts import Script
from engine.runtime.script_trial import tried
from engine.runtime.smartstream import SmartStream

EVALUATED = frozenset(Verdict) - {Verdict.PENDING}


def fate(script: Script, config: ModuleConfig, chance: random.Random) -> str:
    """Load a script and let it evaluate records; how that ended."""
    try:
        script = tried(script, config.limits, Job())
    except ContractError:
        return "refused"
    values = [_bytes(chance) for _ in range(4)]
    keys = [chance.choice((None, b"", _bytes(chance))) for _ in values]
    records = record_batch(values, keys=keys, timestamps=range(4))
    batch = Batch.consecutive(0, chance.choice((0, 3, 1 << 40)), records)
    with SmartStream(script.module, config=config) as stream:
        try:
            stream.look_back([batch])
        except StartError:
            return "refused by its look-back"
        made = stream.evaluate(batch)
        # All state is that of an instance: the same records give the same verdicts again.
        stream.renew()
        again = stream.evaluate(batch)
    verdicts = [Verdict(one) for one in made.verdicts]
    assert set(verdicts) <= EVALUATED, verdicts
    made.outputs.records(records).validate(full=True)
    assert len(again.verdicts) == len(verdicts)
    assert {fault.index for fault in made.faults} == {
        index for index, one in enumerate(verdicts) if one not in (Verdict.PASS, Verdict.DROP)
    }
    return "evaluated"


def _bytes(chance: random.Random) -> bytes | None:
    return chance.choice(
        (
            None,
            b"",
            b'{"a": {"b": 1}, "city": "Bern"}',
            b'{"a": ',
            b"[" * chance.randrange(1, 20_000),
            b"record.value",
            b"\0a\0",
            "é\U0001f600".encode(),
            b"a" * 40 + b"!",
            chance.randbytes(chance.randrange(1, 60)),
        )
    )
