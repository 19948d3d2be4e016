"""Records and faults as JSON objects."""

from engine.records.faults import Call, Fault, Location
from engine.records.record_json import fault_object, object_of, record_of
from engine.records.verdicts import Verdict


def test_object_of_a_fault_has_what_is_known_and_is_no_part_of_the_record() -> None:
    assert fault_object(Fault(0, Verdict.TIMEOUT, "took too long")) == {"message": "took too long"}
    place, outer = Location("f.js", 1, 25), Location("f.js", 2, 56)
    fault = Fault(0, Verdict.ERROR, "bad", place, stack=(Call("price", place), Call("map", outer)))
    found = fault_object(fault)
    assert found == {
        "message": "bad",
        "location": "f.js:1:25",
        "stack": [
            {"function": "price", "location": "f.js:1:25"},
            {"function": "map", "location": "f.js:2:56"},
        ],
    }
    record = record_of({"value": "a"}, now=0)
    assert record_of(object_of(record) | {"verdict": "error"} | found) == record
