"""The progress of a pipeline as Prometheus reads it, over HTTP."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engine.errors import EngineError
from engine.pipeline.progress import Progress

_COUNTERS = {
    "read": "Records read from the source.",
    "written": "Outputs that the broker has acknowledged.",
    "dropped": "Records without an output.",
    "errors": "Records for which a step returned an error.",
    "traps": "Records on which a step crashed.",
    "timeouts": "Records for which a step took too long.",
    "dead_letters": "Failed records that the broker has acknowledged in the dead-letter topic.",
    "lost": "Offsets that retention removed before they were read.",
    "damaged": "Damaged records that were skipped.",
    "commits": "How often the position was saved.",
}


class MetricsError(EngineError, code="metrics"):
    """The metrics cannot be served."""


def metrics_text(name: str, progress: Progress) -> str:
    """The progress of the pipeline `name`, in Prometheus's text format."""
    label = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    lines = []
    for field, about in _COUNTERS.items():
        lines += _metric(f"{field}_total", "counter", about, label, getattr(progress, field))
    about = "Offsets between the position and the end of the source."
    return "\n".join([*lines, *_metric("lag", "gauge", about, label, progress.lag), ""])


def _metric(name: str, kind: str, about: str, label: str, value: int) -> list[str]:
    whole = f"fluvio_tui_pipeline_{name}"
    return [f"# HELP {whole} {about}", f"# TYPE {whole} {kind}", f'{whole}{{pipeline="{label}"}} {value}']


class MetricsServer:
    """Serves `/metrics` until it is closed."""

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        """`text` is called by other threads; port 0 is any free one. `MetricsError`."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path.partition("?")[0] == "/metrics"
                body = text().encode() if found else b"see /metrics\n"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: standard error is the pipeline's."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise MetricsError(
                f"cannot serve metrics at {host}:{port}: {error.strerror or error}", "choose another port"
            ) from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
