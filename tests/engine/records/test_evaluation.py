"""Evaluations as values: their head, their concatenation, and two steps as one."""

import numpy as np
import pyarrow as pa

from engine.records.batch import record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, PrintedLine
from engine.records.outputs import Produced, Selection
from engine.records.verdicts import Status, Verdict

DROP, PASS, ERROR, TRAP, PENDING = (
    Verdict.DROP,
    Verdict.PASS,
    Verdict.ERROR,
    Verdict.TRAP,
    Verdict.PENDING,
)


def filtered(*verdicts: Verdict, **others: object) -> Evaluation:
    evaluated = sum(verdict is not PENDING for verdict in verdicts)
    return Evaluation.of_filter(np.array(verdicts, np.uint8), evaluated=evaluated, **others)  # type: ignore[arg-type]


def produced(*sources: int, status: list[Status]) -> Evaluation:
    return Evaluation(
        status=np.array(status, np.uint8),
        outputs=Produced(
            values(*(b"%d.%d" % pair for pair in enumerate(sources))), np.array(sources, np.int32)
        ),
        evaluated=sum(one is not Status.PENDING for one in status),
    )


def values(*of: bytes) -> pa.RecordBatch:
    return record_batch(of, timestamps=0)


def texts(records: pa.RecordBatch) -> list[bytes]:
    return records.column("value").to_pylist()


def test_a_filter_selects_its_inputs() -> None:
    evaluation = filtered(PASS, DROP, ERROR, PASS, PENDING)
    assert evaluation.status.tolist() == [Status.OK, Status.OK, Status.ERROR, Status.OK, Status.PENDING]
    assert evaluation.verdicts.tolist() == [PASS, DROP, ERROR, PASS, PENDING]
    inputs = values(b"a", b"b", b"c", b"d", b"e")
    assert texts(evaluation.outputs.records(inputs)) == [b"a", b"d"]
    everything = filtered(PASS, PASS)
    inputs = values(b"a", b"b")
    assert everything.outputs.records(inputs) is inputs, "nothing is copied"


def test_pending_records_join_with_those_of_any_kind() -> None:
    pending = Evaluation.pending(2)
    made = produced(0, 1, status=[Status.OK] * 2)
    assert made.concat(pending).outputs.source.tolist() == [0, 1]
    assert pending.concat(made).outputs.source.tolist() == [2, 3]
    nothing = produced(status=[Status.ERROR])
    both = nothing.concat(pending).concat(made)
    assert both.outputs.source.tolist() == [3, 4]
    assert texts(both.outputs.records(values())) == [b"0.0", b"1.1"]
    assert both.verdicts.tolist() == [ERROR, PENDING, PENDING, PASS, PASS]


def test_an_input_with_several_outputs_passes_once() -> None:
    evaluation = produced(0, 0, 2, status=[Status.OK, Status.OK, Status.OK, Status.TRAP])
    assert evaluation.verdicts.tolist() == [PASS, DROP, PASS, TRAP]
    assert evaluation.outputs.source.tolist() == [0, 0, 2]


def test_the_head_keeps_what_belongs_to_it() -> None:
    faults = (Fault(1, ERROR, "no"), Fault(3, ERROR, "no"))
    printed = (PrintedLine(0, "a"), PrintedLine(2, "b"))
    head = filtered(PASS, ERROR, PASS, ERROR, faults=faults, printed=printed).head(2)
    assert (head.verdicts.tolist(), head.faults, head.printed) == ([PASS, ERROR], faults[:1], printed[:1])
    assert head.evaluated == len(head) == 2
    assert produced(0, 0, 1, 2, status=[Status.OK] * 3).head(2).outputs.source.tolist() == [0, 0, 1]


def test_consecutive_batches_concatenate() -> None:
    whole = filtered(PASS, ERROR, faults=(Fault(1, ERROR, "x"),)).concat(
        filtered(DROP, ERROR, PENDING, faults=(Fault(1, ERROR, "y"),), printed=(PrintedLine(0, "p"),))
    )
    assert whole.verdicts.tolist() == [PASS, ERROR, DROP, ERROR, PENDING]
    assert [(fault.index, fault.message) for fault in whole.faults] == [(1, "x"), (3, "y")]
    assert (whole.printed, whole.evaluated) == ((PrintedLine(2, "p"),), 4)
    made = produced(0, 1, status=[Status.OK] * 2).concat(produced(0, 0, status=[Status.OK]))
    assert made.outputs.source.tolist() == [0, 1, 2, 2]
    assert texts(made.outputs.records(values())) == [b"0.0", b"1.1", b"0.0", b"1.0"]


def test_a_second_filter_selects_among_what_the_first_passed() -> None:
    both = filtered(PASS, DROP, PASS, PASS).then(filtered(DROP, PASS, ERROR, faults=(Fault(2, ERROR, "e"),)))
    assert both.verdicts.tolist() == [DROP, DROP, PASS, ERROR]
    assert isinstance(both.outputs, Selection)
    assert both.faults == (Fault(3, ERROR, "e", step=1),)


def test_outputs_of_outputs_keep_their_first_source() -> None:
    first = produced(0, 0, 2, status=[Status.OK] * 3)
    selected = first.then(filtered(DROP, PASS, PASS))
    assert selected.outputs.source.tolist() == [0, 2]
    assert texts(selected.outputs.records(values())) == [b"1.0", b"2.2"]
    again = filtered(DROP, PASS, PASS).then(produced(1, 1, status=[Status.OK] * 2))
    assert again.outputs.source.tolist() == [2, 2]
    assert again.verdicts.tolist() == [DROP, DROP, PASS]


def test_inputs_with_pending_outputs_are_pending_with_all_after_them() -> None:
    both = filtered(PASS, DROP, PASS, PASS).then(filtered(PASS, PENDING, PENDING))
    assert both.verdicts.tolist() == [PASS, DROP, PENDING, PENDING]
    assert both.evaluated == 2
    assert both.outputs.source.tolist() == [0]
