"""Key bindings, remapping them, and how keys are named on the screen."""
