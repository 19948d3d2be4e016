"""From a record to the line of text that its row shows: pure, no Textual."""
