"""The panes side by side and the rows in them."""
