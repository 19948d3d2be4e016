"""The table of docs/abi.md, "Traps"."""

import pytest

from engine.records.faults import Location
from engine.runtime.call_result import Abort, CallResult
from engine.runtime.fault_policy import ABORTS_PER_INSTANCE, Decision, FaultPolicy
from engine.runtime.memory.messages import Messages
from engine.runtime.watchdog import EndReason

BLAME = Decision(blame=True, renew=False)
BLAME_AND_RENEW = Decision(blame=True, renew=True)
RETRY = Decision(blame=False, renew=True)


def decide(
    policy: FaultPolicy,
    *,
    place: int | None = 1,
    message: str | None = "oh no",
    reason: EndReason | None = None,
    heap_torn: bool = False,
    grouped: bool = False,
) -> Decision:
    messages = Messages()
    if message is not None:
        messages.panics[4] = message
    if place is not None:
        messages.places[4] = Location("f.rs", place, 1)
    abort = Abort(
        reason=reason,
        text="divided by zero",
        silent=message is None,
        heap_torn=heap_torn,
        grouped=grouped,
    )
    return policy.decide(CallResult(reached=4, results=b"", messages=messages, abort=abort), abort)


@pytest.fixture
def policy() -> FaultPolicy:
    """With an instance that has trapped at place 1."""
    policy = FaultPolicy()
    policy.begin_instance()
    assert decide(policy) == BLAME
    return policy


def test_later_trap_at_known_place_is_a_fault(policy: FaultPolicy) -> None:
    assert decide(policy) == BLAME


@pytest.mark.parametrize("reason", [None, EndReason.RECORD_TIMEOUT])
def test_a_group_is_evaluated_again(policy: FaultPolicy, reason: EndReason | None) -> None:
    assert decide(policy, reason=reason, grouped=True) == RETRY
    policy.begin_instance()
    assert decide(policy, reason=reason, grouped=True) == RETRY


def test_later_trap_at_another_place_is_retried_in_a_fresh_instance(policy: FaultPolicy) -> None:
    assert decide(policy, place=2) == RETRY
    policy.begin_instance()
    assert decide(policy, place=2) == BLAME
    assert decide(policy, place=2) == BLAME


@pytest.mark.parametrize("message", ["already Borrowed", "PoisonError", "the lock is taken"])
def test_later_panic_about_a_lock_is_retried(policy: FaultPolicy, message: str) -> None:
    assert decide(policy, message=message) == RETRY
    policy.begin_instance()
    assert decide(policy, message=message) == BLAME


def test_traps_without_place_are_told_apart_by_their_text() -> None:
    policy = FaultPolicy()
    policy.begin_instance()
    assert decide(policy, place=None) == BLAME
    assert decide(policy, place=None) == BLAME


def test_silent_abort_after_reported_panics_shortens_the_life_of_instances(policy: FaultPolicy) -> None:
    assert decide(policy) == BLAME
    assert decide(policy, message=None) == RETRY
    policy.begin_instance()
    assert decide(policy) == BLAME
    assert decide(policy) == BLAME_AND_RENEW, "after as many panics as left a message"


@pytest.mark.parametrize("reason", [reason for reason in EndReason if reason is not EndReason.RECORD_TIMEOUT])
def test_call_ended_for_another_reason_blames_no_record(policy: FaultPolicy, reason: EndReason) -> None:
    assert decide(policy, reason=reason, heap_torn=True) == RETRY


def test_record_timeout_is_a_fault(policy: FaultPolicy) -> None:
    assert decide(policy, reason=EndReason.RECORD_TIMEOUT, place=9, heap_torn=True) == BLAME_AND_RENEW


def test_torn_heap_replaces_the_instance(policy: FaultPolicy) -> None:
    assert decide(policy, heap_torn=True) == BLAME_AND_RENEW


def test_worn_out_instance_is_replaced() -> None:
    policy = FaultPolicy()
    policy.begin_instance()
    decisions = [decide(policy) for _ in range(ABORTS_PER_INSTANCE)]
    assert decisions == [BLAME] * (ABORTS_PER_INSTANCE - 1) + [BLAME_AND_RENEW]
