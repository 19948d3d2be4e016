"""Metrics over HTTP, as Prometheus reads them."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from engine.pipeline.metrics import MetricsError, MetricsServer, metrics_text
from engine.pipeline.progress import Progress
from tests.waiting import PATIENCE


def test_every_count_has_a_type_and_a_label() -> None:
    text = metrics_text('a "b"', Progress(read=5, errors=1, lag=3))
    lines = text.splitlines()
    assert 'fluvio_tui_pipeline_read_total{pipeline="a \\"b\\""} 5' in lines
    assert 'fluvio_tui_pipeline_errors_total{pipeline="a \\"b\\""} 1' in lines
    assert 'fluvio_tui_pipeline_lag{pipeline="a \\"b\\""} 3' in lines
    assert "# TYPE fluvio_tui_pipeline_lag gauge" in lines
    assert text.endswith("\n")


def test_metrics_are_served_until_closed() -> None:
    server = MetricsServer("127.0.0.1", 0, lambda: "x 1\n")
    address = f"http://127.0.0.1:{server.port}"
    with urlopen(f"{address}/metrics", timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert answer.read() == b"x 1\n"
    with pytest.raises(HTTPError, match="404") as missing:
        urlopen(address, timeout=PATIENCE)
    missing.value.close()
    with pytest.raises(MetricsError, match=f"127.0.0.1:{server.port}"):
        MetricsServer("127.0.0.1", server.port, str)
    server.close()
    MetricsServer("127.0.0.1", server.port, str).close()
