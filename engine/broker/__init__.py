"""What a broker is: its interfaces and values. Each broker has a folder of its own here."""
