"""The differences between two builds or panes, or from expectations. Changes by a save: live.evaluation."""
