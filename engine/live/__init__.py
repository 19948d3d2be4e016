"""What a dashboard drives: a topic's tail, its window, consumers over it, snapshots. Draws nothing."""
