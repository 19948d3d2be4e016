"""Settings and the file that they are kept in. It imports neither click nor Textual."""
