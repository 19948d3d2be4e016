"""Whether the replicas of a partition keep up with the SPU that leads it, as the SC knows them."""

from engine.broker.fluvio.cluster import ClusterView


def held_up(view: ClusterView, topic: str, partition: int, committed: int | None = None) -> str | None:
    """Which replicas records behind an offset wait for, in a clause; None if they wait for none.

    `committed` is the offset after the last record that all replicas have, if someone knows it better than
    the SC. A record may wait for a moment whenever it is appended.
    """
    found = view.partitions.get((topic, partition))
    if found is None or not found.online or found.state.spu != found.leader:
        return None
    committed = found.state.committed if committed is None else committed
    if found.state.end <= committed:
        return None
    ends = {one.spu: one.end for one in found.followers}
    behind = {spu for spu in found.replicas if spu != found.leader and ends.get(spu, -1) < found.state.end}
    online = {number for number, spu in view.spus.items() if spu.online}
    clauses = []
    if offline := sorted(behind - online):
        clauses.append(f"{_named(offline, 'is', 'are')} offline")
    if lost := sorted(behind & online):
        clauses.append(f"{_named(lost, 'does', 'do')} not follow SPU {found.leader}, which leads it")
    return " and ".join(clauses) or None


def _named(spus: list[int], one: str, more: str) -> str:
    return f"SPU {spus[0]} {one}" if len(spus) == 1 else f"SPUs {', '.join(map(str, spus))} {more}"
