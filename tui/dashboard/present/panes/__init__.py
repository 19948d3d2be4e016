"""The words about a pane: header with costs, backlog, settings, why it is empty. Not its rows."""
