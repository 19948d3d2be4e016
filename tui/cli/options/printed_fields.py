"""The parts of a record that `consume` prints, by name."""

FIELDS = ("key", "value", "offset", "partition", "time", "headers")
"""What a template may name, and fields of the value by their paths: `value.a.b[0]`."""
VALUE = "value"
