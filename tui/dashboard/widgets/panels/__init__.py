"""What opens under or beside the panes. What is said there is in present."""
