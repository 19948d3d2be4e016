"""What is drawn over time: trends as lines, counts of records as bars."""
