"""What each version of a consumer made of a window: verdicts, outputs, changes. live.evaluation runs them."""
