"""The sign of each verdict and state, one cell wide and distinct without colour."""

from engine.live.evaluation.status import ConsumerState
from engine.records.verdicts import Verdict

VERDICT_SIGNS = {
    Verdict.PASS: "●",
    Verdict.DROP: "·",
    Verdict.ERROR: "✗",
    Verdict.TRAP: "!",
    Verdict.TIMEOUT: "◔",
    Verdict.PENDING: "○",
}

VERDICT_WORDS = {verdict: verdict.name.lower() for verdict in VERDICT_SIGNS}

STATE_SIGNS = {
    ConsumerState.BUILDING: "○",
    ConsumerState.LIVE: "●",
    ConsumerState.EARLIER: "◂",
    ConsumerState.STALE: "✗",
    ConsumerState.FAILED: "✗",
    ConsumerState.STOPPED: "■",
}

STATE_COLOURS = {
    ConsumerState.BUILDING: "$accent",
    ConsumerState.LIVE: "$success",
    ConsumerState.EARLIER: "$warning",
    ConsumerState.STALE: "$warning",
    ConsumerState.FAILED: "$error",
    ConsumerState.STOPPED: "$error",
}
"""Style variables of a theme."""
