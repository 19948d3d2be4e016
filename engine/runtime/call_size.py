"""How many records a call is given, so that it stays short."""

CALL_SECONDS = 0.03
"""What a call should take: short for a waiting user, long compared with the cost of a call itself."""
GROWTH = 16
"""From one record to 16,384 in five calls, which cost 0.1 ms together."""


class CallSize:
    """Grows from one record per call, as a new SmartStream is unknown, and follows measured times."""

    def __init__(self) -> None:
        self.records = 1

    def measured(self, records: int, seconds: float) -> None:
        fitting = max(1, int(records * CALL_SECONDS / max(seconds, 1e-6)))
        if records >= self.records:
            self.records = min(fitting, self.records * GROWTH)
        elif seconds > CALL_SECONDS:
            self.records = min(fitting, self.records)
