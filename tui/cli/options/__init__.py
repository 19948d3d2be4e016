"""Options that several commands share, and how each is parsed and checked. Not what they lead to."""
