"""A workbench's consumers: their list, numbers and names, and making one. Nothing is evaluated here."""
