"""Named consumers: members of groups, sharing partitions, positions, transactions."""
