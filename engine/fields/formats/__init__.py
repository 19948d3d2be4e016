"""The formats of values, one file each. Which of them a topic has is decided in engine.fields."""
