import json
import random

import numpy as np
import pytest

from engine.fields.path import path_text
from engine.fields.table import named_format
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.separation.condition import Between, Is, Missing, Other, Part
from engine.live.separation.separate import separate
from engine.live.separation.separator import Separator
from engine.live.window.limits import WindowLimits
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from tests.waiting import wait_until

WORDS = [f"{a}{b}{c}" for a in "bcdfg" for b in "aeiou" for c in "lmnprst"]
P, D, T, PENDING = Verdict.PASS, Verdict.DROP, Verdict.TRAP, Verdict.PENDING


def window_of(values, keys=None, partitions=1):
    window = Window(WindowLimits(rows=1_000_000, bytes=1 << 30))
    for start in range(0, len(values), 100):
        part = values[start : start + 100]
        records = record_batch(part, keys=None if keys is None else keys[start : start + 100])
        window.append(Batch.consecutive((start // 100) % partitions, start, records))
    return window.snapshot()


def consumer(verdicts, first_row=0):
    return ConsumerSnapshot(1, "f", None, Live(), first_row=first_row, verdicts=np.array(verdicts, np.uint8))


def objects(*records):
    return [json.dumps(record).encode() for record in records]


def separated(values, verdicts, format="json", **more):
    return separate(window_of(values), consumer(verdicts), named_format(format), seconds=60, **more)


def field(found, name):
    return next(one for one in found.fields if one.subject == name or one.subject == (name,))


def counts(one):
    return {group.check: group.counts for group in one.groups}


def test_the_field_that_decides_is_first_with_the_counts_of_its_values():
    random.seed(1)
    records = [{"event": random.choice("ABC"), "city": random.choice("xyz"), "n": n} for n in range(600)]
    found = separated(objects(*records), [P if one["event"] in "AB" else D for one in records])
    best = found.fields[0]
    assert best.subject == ("event",)
    assert best.score > 0.95
    of = {letter: sum(one["event"] == letter for one in records) for letter in "ABC"}
    assert counts(best) == {Is("A"): (of["A"], 0, 0), Is("B"): (of["B"], 0, 0), Is("C"): (0, of["C"], 0)}
    assert [group.check for group in best.groups][-1] == Is("C"), "those that pass come first"
    assert field(found, "city").score < 0.02
    assert (found.records, found.read, sum(found.counts)) == (600, 600, 600)


def test_numbers_are_cut_where_verdicts_change():
    records = [{"amount": n / 10, "small": n % 3} for n in range(1_000)]
    found = separated(objects(*records), [P if one["amount"] >= 70 else D for one in records])
    assert counts(found.fields[0]) == {
        Between(low=None, high=70.0): (0, 700, 0),
        Between(low=70.0, high=None): (300, 0, 0),
    }
    assert counts(field(found, "small")).keys() == {Is(0.0), Is(1.0), Is(2.0)}


def test_a_field_of_numbers_and_texts_decides_as_well():
    random.seed(4)
    records = [{"status": random.choice((200, 404, 500, "failed", "paid")), "n": n} for n in range(9_000)]
    found = separated(objects(*records), [P if one["status"] in (500, "failed") else D for one in records])
    best = found.fields[0]
    assert best.subject == ("status",)
    assert best.score > 0.95
    assert {check for check, of in counts(best).items() if of[0]} == {Is("500"), Is("failed")}


def test_a_field_with_as_many_values_as_records_tells_nothing():
    random.seed(2)
    records = [{"id": f"id-{n}", "number": random.random(), "user": f"u{n // 2}"} for n in range(4_000)]
    found = separated(objects(*records), [random.choice((P, D)) for _ in records])
    assert all(one.score < 0.02 for one in found.fields)


def test_many_values_make_one_group_of_the_rest():
    records = [{"city": f"c{n % 40}"} for n in range(4_000)]
    found = separated(objects(*records), [P if one["city"] in ("c7", "c8") else D for one in records])
    best = found.fields[0]
    assert best.groups[0].check in (Is("c7"), Is("c8"))
    assert best.groups[1].check in (Is("c7"), Is("c8"))
    rest = best.groups[-1]
    assert isinstance(rest.check, Other) and rest.values == 32
    assert sum(sum(group.counts) for group in best.groups) == 4_000


def test_records_without_the_field_and_of_another_format_are_groups():
    values = objects(*[{"a": "x"}] * 50, *[{}] * 30) + [b"text", b"\xff", None, b""] * 5
    found = separated(values, [P] * 50 + [D] * 30 + [T] * 20)
    assert counts(field(found, "a")) == {Is("x"): (50, 0, 0), Missing(): (0, 30, 20)}
    assert counts(field(found, Part.FITS)) == {Is("yes"): (50, 30, 0), Is("no"): (0, 0, 20)}
    assert found.counts == (50, 30, 20)


def test_keys_partitions_and_lengths_are_told_apart():
    values = [b"x" * (1 + n % 7) for n in range(400)]
    window = window_of(values, keys=[b"k%d" % (n % 2) for n in range(400)], partitions=2)
    verdicts = [P if n % 2 else D for n in range(400)]
    found = separate(window, consumer(verdicts), named_format("text"), seconds=60)
    assert found.fields[0].subject is Part.KEY
    assert {one.subject for one in found.fields} >= {Part.KEY, Part.PARTITION, Part.LENGTH, ()}


def test_only_evaluated_records_count():
    records = objects(*({"a": n % 2} for n in range(300)))
    found = separate(
        window_of(records), consumer([P, D] * 100 + [PENDING] * 50, 20), named_format("json"), seconds=60
    )
    assert found.records == 200
    assert counts(field(found, "a")) == {Is(0.0): (100, 0, 0), Is(1.0): (0, 100, 0)}


@pytest.mark.parametrize("records", [[], [b"x"]])
def test_next_to_nothing_is_separated_into_nothing(records):
    found = separated(records, [P] * len(records), "text")
    assert found.fields == ()


def test_what_is_not_read_in_time_is_estimated_and_rare_failures_are_all_read():
    values = objects(*({"a": n % 2} for n in range(20_000)))
    verdicts = [P if n % 2 else D for n in range(20_000)]
    verdicts[5] = T
    found = separate(window_of(values), consumer(verdicts), named_format("json"), seconds=0)
    assert 0 < found.read < found.records == 20_000
    groups = counts(field(found, "a"))
    assert groups[Is(1.0)][2] == 1
    assert groups[Is(0.0)][1] == pytest.approx(10_000, abs=1)
    assert groups[Is(1.0)][0] == pytest.approx(9_999, abs=1)


def test_it_can_be_stopped():
    values = objects(*({"a": n} for n in range(9_000)))
    asked = iter([False, True])
    assert separated(values, [P] * 9_000, stopped=lambda: next(asked, True)) is None


def test_a_thread_of_its_own_says_how_far_it_is():
    values, seen = objects(*({"a": n % 2} for n in range(9_000))), []
    window, verdicts = window_of(values), consumer([P, D] * 4_500)
    separator = Separator(window, verdicts, named_format("json"), lambda: seen.append(separator.done))
    wait_until(lambda: separator.found is not None)
    separator.close()
    assert separator.found.fields[0].subject == ("a",)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_paths_of_nested_fields():
    records = [{"customer": {"city": "Rome" if n % 2 else "Oslo"}} for n in range(100)]
    found = separated(objects(*records), [P if n % 2 else D for n in range(100)])
    assert path_text(found.fields[0].subject) == "customer.city"


def test_of_messages_that_all_differ_the_word_that_decides_is_found():
    random.seed(4)
    values = [
        f"{random.choice(('Failed', 'Accepted'))} password for user{n} from {random.random()}".encode()
        for n in range(2_000)
    ]
    found = separated(values, [P if value.startswith(b"Failed") else D for value in values], "text")
    failed = sum(value.startswith(b"Failed") for value in values)
    best = found.fields[0]
    assert best.subject == ()
    assert best.score > 0.95
    by_word = {
        "Failed": [(failed, 0, 0), (0, 2_000 - failed, 0)],
        "Accepted": [(0, 2_000 - failed, 0), (failed, 0, 0)],
    }
    assert [group.counts for group in best.groups] == by_word[best.groups[0].check.word]


def test_among_many_words_none_tells_anything_by_chance():
    random.seed(5)
    values = [" ".join(random.choices(WORDS, k=12)).encode() + b" %d" % n for n in range(2_000)]
    found = separated(values, [random.choice((P, D)) for _ in values], "text")
    assert field(found, ()).score < 0.01
