"""When something happens: frame rate, dialogues and their answers, pinning, the editor, the clipboard."""
