"""The consumers of one workbench: their list and numbers, and how steps become one. Evaluates nothing."""
