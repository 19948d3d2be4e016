"""The exit statuses of commands, which scripts rely on."""

FAILED = 1
WRONG_USAGE = 2
CANNOT_START = 3
FAILED_RECORDS = 4
INTERNAL_ERROR = 70  # EX_SOFTWARE

MEANINGS = {
    "0": "success",
    f"{FAILED}": "something failed, and the message says what; `smartstream test`: a verdict is a failure, "
    "or not the expected one; `topic check`, `doctor`, `config`: something is wrong",
    f"{WRONG_USAGE}": "wrong usage: an option or argument that does not exist or has an invalid value",
    f"{CANNOT_START}": "`eval`: the init or the look-back of a step failed",
    f"{FAILED_RECORDS}": "`--fail-on-error`: all was done, but a SmartStream failed on some records",
    f"{INTERNAL_ERROR}": "a bug of fluvio-tui",
    "128 + N": "ended by signal N, e.g. 130 after Ctrl-C and 143 after SIGTERM",
}
"""For the documents."""
