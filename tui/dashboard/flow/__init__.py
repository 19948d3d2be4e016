"""Between the engine and the screen: frames, the order of keys, files, answers. Widgets are above it."""
