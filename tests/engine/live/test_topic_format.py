import json

import pytest

from engine.live.topic_format import TopicFormat
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.units import InvalidValueError


def window(*values, base=0):
    found = Window()
    found.append(Batch.consecutive(0, base, record_batch(values)))
    return found


def test_the_format_is_detected_once_there_are_records():
    format, topic = TopicFormat(), Window()
    assert format.of(topic.snapshot()).name == "text"
    topic.append(Batch.consecutive(0, 0, record_batch([b'{"a": 1}'])))
    assert format.of(topic.snapshot()).name == "json"


def test_it_is_detected_again_while_the_sample_is_small():
    format, topic = TopicFormat(), window(b"starting up")
    assert format.of(topic.snapshot()).name == "text"
    values = [json.dumps({"n": n}).encode() for n in range(300)]
    topic.append(Batch.consecutive(0, 1, record_batch(values)))
    assert format.of(topic.snapshot()).name == "json"
    topic.append(Batch.consecutive(0, 301, record_batch([b"text"] * 1000)))
    assert format.of(topic.snapshot()).name == "json", "columns stay as they are"


def test_the_first_value_of_the_topic_names_columns():
    assert TopicFormat(first=b"a,b").of(window(b"1,2", b"3,4").snapshot()).name == "csv:a,b"


def test_a_chosen_format_is_not_detected():
    assert TopicFormat("text").of(window(b'{"a": 1}').snapshot()).name == "text"
    with pytest.raises(InvalidValueError):
        TopicFormat("nonsense")
