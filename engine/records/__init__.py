"""What flows through the engine: batches of records, verdicts on them, their JSON form.

Keeps nothing and runs nothing.
"""
