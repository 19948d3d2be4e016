from engine.broker.fluvio.deletions import Deletions


def test_an_sc_that_has_just_started_is_not_believed_at_once() -> None:
    deletions = Deletions()
    assert deletions.still_there(["a", "b"], ["a"], 10.0) == {"b"}
    assert deletions.still_there(["a", "b"], ["a"], 10.9) == {"b"}
    assert deletions.still_there(["a", "b"], ["a", "b"], 11.0) == set()
    assert deletions.still_there(["a", "b"], ["a"], 11.1) == {"b"}
    assert deletions.count("b") == 0
    assert deletions.still_there(["a", "b"], ["a"], 12.2) == set()
    assert (deletions.count("a"), deletions.count("b"), deletions.last("b")) == (0, 1, 12.2)


def test_a_name_that_is_used_again_while_its_topic_is_doubted() -> None:
    deletions = Deletions()
    assert deletions.still_there(["a"], [], 10.0) == {"a"}
    assert deletions.last("a") == 10.0
    deletions.replaced("a", 10.2)
    assert deletions.still_there(["a"], ["a"], 10.3) == set()
    assert (deletions.count("a"), deletions.last("a")) == (1, 10.2)


def test_a_deletion_that_is_certain_counts_at_once() -> None:
    deletions = Deletions()
    deletions.confirm("a")
    assert deletions.still_there(["a"], [], 10.0) == set()
    assert (deletions.count("a"), deletions.last("a")) == (1, 10.0)
    assert deletions.still_there(["a"], [], 10.1) == {"a"}
    assert deletions.count("a") == 1
