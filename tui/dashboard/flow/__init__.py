"""When something happens: frame rate, pausing, scrollback requests, dialogues and their answers."""
