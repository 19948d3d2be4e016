"""What flows through the engine: batches, evaluations, verdicts, their JSON. It keeps and runs nothing."""
