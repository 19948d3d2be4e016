"""Records in rows: what panes and lists of the dock show, and drawing it."""
