"""Records in rows: views, scrolling, drawing. The text of a row is in present.columns."""
