import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.path import path_text
from engine.fields.table import FORMATS, detect, named_format
from engine.units import InvalidValueError

ACCESS = '10.1.2.3 - bob [10/Oct/2025:13:55:36 +0200] "GET /a?b=1 HTTP/1.1" 404 512'
SSH = "Dec 10 06:55:48 lab sshd[24200]: Failed password for invalid user web from 203.0.113.9 port 38926 ssh2"

LINES = [
    (ACCESS, "access", {"user": "bob", "method": "GET", "path": "/a?b=1", "status": 404, "bytes": 512}),
    (f'{ACCESS} "http://x/" "curl/8"', "access", {"referer": "http://x/", "agent": "curl/8"}),
    (
        r'::1 - - [10/Oct/2025:13:55:36 +0200] "\x16\x03" 400 -',
        "access",
        {"request": r"\x16\x03", "bytes": "-"},
    ),
    (
        "[Sun Dec 04 04:47:44 2005] [error] [client 10.0.0.1] Directory index forbidden",
        "apache-error",
        {"level": "error", "client": "10.0.0.1", "message": "Directory index forbidden"},
    ),
    (
        "[Sun Dec 04 04:47:44.123 2005] [core:notice] [pid 7:tid 8] started",
        "apache-error",
        {"module": "core", "pid": 7, "tid": 8},
    ),
    (
        SSH,
        "sshd",
        {"pid": 24200, "event": "Failed password", "user": "web", "address": "203.0.113.9", "port": 38926},
    ),
    (
        "Dec  1 06:55:48 lab sshd[1]: Received disconnect from 203.0.113.9: 11: Bye Bye [preauth]",
        "sshd",
        {"event": "Received disconnect", "address": "203.0.113.9"},
    ),
    (
        "Dec  1 06:55:48 lab sshd[1]: check pass; user unknown",
        "sshd",
        {"message": "check pass; user unknown"},
    ),
    ("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "syslog", {"priority": 34, "app": "su"}),
    (
        "2025-01-02T03:04:05.123+01:00 box cron[12]: (root) CMD (ls)",
        "syslog",
        {"host": "box", "app": "cron", "pid": 12},
    ),
    (
        '<165>1 2003-10-11T22:14:15.003Z host.example.com evntslog - ID47 [x@1 a="b\\"]" c="d"][y] An event',
        "syslog5424",
        {"version": 1, "app": "evntslog", "data": '[x@1 a="b\\"]" c="d"][y]', "message": "An event"},
    ),
    (
        "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38 terminating",
        "hdfs",
        {
            "time": "081109 203615",
            "level": "INFO",
            "component": "dfs.DataNode$PacketResponder",
            "pid": 148,
        },
    ),
    (
        '2026/11/26 06:39:12 [error] 31#32: *9 open() "/x, y" failed (2: No such file or directory), '
        'client: 10.0.0.1, server: localhost, request: "GET /x HTTP/1.1", host: "h"',
        "nginx-error",
        {
            "time": "2026/11/26 06:39:12",
            "level": "error",
            "pid": 31,
            "connection": 9,
            "message": 'open() "/x, y" failed (2: No such file or directory)',
            "client": "10.0.0.1",
            "server": "localhost",
            "request": "GET /x HTTP/1.1",
        },
    ),
    (
        '2026/11/26 06:39:12 [notice] 1#1: using the "epoll" event method',
        "nginx-error",
        {"level": "notice", "tid": 1, "message": 'using the "epoll" event method'},
    ),
    (
        "2026/11/26 06:39:12.123456 main.go:23: listening on :80",
        "go",
        {"time": "2026/11/26 06:39:12.123456", "source": "main.go:23", "message": "listening on :80"},
    ),
    ("2026/11/26 06:39:12 ERROR lost it", "go", {"level": "ERROR", "message": "lost it"}),
    (
        "I1126 06:39:12.123456    1234 server.go:12] started",
        "klog",
        {"level": "I", "time": "1126 06:39:12.123456", "thread": 1234, "source": "server.go:12"},
    ),
    (
        "2016-10-06T00:17:09.669794202Z stdout F log content",
        "cri",
        {"stream": "stdout", "tag": "F", "message": "log content"},
    ),
    (
        "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.MRAppMaster: Created it",
        "log4j",
        {"thread": "main", "logger": "org.apache.hadoop.MRAppMaster", "message": "Created it"},
    ),
    (
        "2015-07-29 17:41:44,747 - WARN  [QuorumPeer[myid=1]/0:0:0:0:2181:Fast@774] - Notification timed out",
        "log4j",
        {"level": "WARN", "thread": "QuorumPeer[myid=1]/0:0:0:0:2181:Fast@774"},
    ),
    ("17/06/09 20:10:40 INFO executor.Backend: Registered", "log4j", {"time": "17/06/09 20:10:40"}),
    ("2025-01-02 03:04:05,678 - app.db - ERROR - lost it", "python", {"logger": "app.db", "level": "ERROR"}),
    ("WARNING:root:careful", "python", {"level": "WARNING", "logger": "root", "message": "careful"}),
    (
        "2025-01-02T03:04:05Z error it broke\n  at x",
        "log",
        {"level": "error", "message": "it broke\n  at x"},
    ),
    (
        'ts=2025-01-02T03:04:05Z level=info msg="it \\"started\\"" n=5 retry',
        "logfmt",
        {"msg": 'it "started"', "n": 5, "retry": True},
    ),
]


@pytest.mark.parametrize(("line", "name", "fields"), LINES)
def test_log_lines_are_recognised_and_taken_apart(line, name, fields):
    found = detect([line.encode()])
    assert found.name == name
    every = {path_text(path): value for path, value in found.fields(line.encode()).items()}
    assert {key: every.get(key) for key in fields} == fields


def test_a_topic_of_ssh_lines_with_a_few_others_is_detected():
    assert detect([SSH.encode()] * 20 + [b"", b"-- MARK --"]).name == "sshd"


@pytest.mark.parametrize("line", ["a sentence with x=1 in it", "= =", "x", 'a="open', "name"])
def test_sentences_are_not_logfmt(line):
    assert named_format("logfmt").fields(line.encode()) is None


def test_a_regex_of_the_user_has_a_field_per_named_group():
    found = named_format(r"regex:(?P<level>\w+) (?P<msg>.*)")
    assert found.fields(b"error it broke\nbadly") == {("level",): "error", ("msg",): "it broke\nbadly"}
    assert found.fields(b"  error it") == {("level",): "error", ("msg",): "it"}, "anywhere in the value"
    assert found.fields(b"error") is None
    assert found.name == r"regex:(?P<level>\w+) (?P<msg>.*)"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "invalid regular expression: missing \\)"),
        (r"\w+", "no group is named in"),
        ("(?P<a>x)(?=y)", "look-around '\\(\\?=' is not supported"),
    ],
)
def test_a_regex_that_is_no_use_is_refused(pattern, message):
    with pytest.raises(InvalidValueError, match=message):
        named_format(f"regex:{pattern}")


@given(st.sampled_from([line for line, _, _ in LINES]), st.integers(0, 150), st.text(max_size=8))
def test_damaged_lines_make_no_format_raise(line, place, damage):
    value = (line[:place] + damage + line[place:]).encode("utf-8", "surrogatepass")
    for one in FORMATS:
        one.fields(value)


@pytest.mark.parametrize("repeated", ["(", '"', "[", "=", 'a="', ',"', "a "])
def test_hostile_values_take_linear_time(repeated):
    # Quadratic time would be minutes: the test's time limit ends it.
    value = (repeated * 200_000)[: 200 << 10].encode()
    for prefix in (b"", b"Dec 10 06:55:48 lab sshd[1]: ", b'1 - - [t] "GET / ', b"<1>1 - - - - - [", b"a=1 "):
        for one in (*FORMATS, named_format("csv"), named_format("tsv")):
            one.fields(prefix + value)
