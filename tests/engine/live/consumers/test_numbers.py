"""Numbers of consumers in several workbenches."""

from engine.live.consumers.numbers import ConsumerNumbers


def test_each_number_is_used_once_among_open_workbenches() -> None:
    numbers = ConsumerNumbers()
    taken = [numbers.take(owner) for owner in ("orders", "orders", "payments", "orders", "payments")]
    assert taken == [1, 2, 3, 4, 5]


def test_numbers_of_a_closed_workbench_are_used_again_unless_higher_ones_are_in_use() -> None:
    numbers = ConsumerNumbers()
    assert [numbers.take(owner) for owner in ("orders", "payments", "payments")] == [1, 2, 3]
    numbers.release("orders")
    assert numbers.take("clicks") == 4
    numbers.release("clicks")
    numbers.release("payments")
    assert numbers.take("clicks") == 1
