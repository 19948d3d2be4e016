"""How many records are copied into an instance at once."""

MOST = 1 << 14
FIRST = 64
"""Records copied into a fresh instance after a fault: the next fault may make the copy worthless."""
GROWTH = 4


class LoadSize:
    """Grows while all records that were copied in are evaluated."""

    def __init__(self) -> None:
        self.records = MOST

    def after_fault(self) -> None:
        """The next records go into a fresh instance."""
        self.records = FIRST

    def used_up(self) -> None:
        """All that was copied in has been evaluated."""
        self.records = min(self.records * GROWTH, MOST)

    def refused(self, fitting: int) -> None:
        """The instance had room for this many, of which the next ones may be larger."""
        self.records = min(self.records, fitting // GROWTH or 1)
