"""The topics of a log, read in passing: for a shell's completion, which must be quick and change nothing."""

from contextlib import closing
from pathlib import Path

from engine.embedded.faults import storage_errors
from engine.embedded.schema import Database


def topics_at_a_glance(folder: Path) -> dict[str, int]:
    """How many partitions each topic has, by the topic's name; empty where there is no log.

    Creates nothing and waits for nobody; `BrokerError` where the log cannot be read now.
    """
    database = Database(folder.absolute())
    with storage_errors(folder):
        if not database.path.exists():
            return {}
        with closing(database.connect_in_passing()) as connection:
            query = "SELECT name, partitions FROM topics WHERE deleted = 0 ORDER BY name"
            return dict(connection.execute(query).fetchall())
