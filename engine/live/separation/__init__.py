"""What tells passed records from dropped ones: fields, values, ranges. Why one record did: explanation."""
