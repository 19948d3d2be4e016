"""What a dashboard drives: workbench, tail, snapshots. It draws nothing."""
