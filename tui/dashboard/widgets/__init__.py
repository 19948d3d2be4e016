"""Parts of screens, each with the actions of its own keys. Words for them are in present."""
