"""From a record's value to lines to read, fold and search. One line per record is in columns."""
