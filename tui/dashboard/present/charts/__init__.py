"""What is drawn over time: plots, bars, their numbers. The panels that show them are widgets."""
