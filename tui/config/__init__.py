"""Settings and the file that they are kept in. Imports neither click nor Textual."""
