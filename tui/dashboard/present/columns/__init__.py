"""From a record to the line of text in its row. Styles and drawing are in widgets.rows."""
