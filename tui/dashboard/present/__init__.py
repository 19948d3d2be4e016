"""From a snapshot to words and rows. Pure: it imports no Textual and draws nothing."""
