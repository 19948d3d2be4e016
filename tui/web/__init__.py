"""The dashboard in a browser: a server that runs one for each viewer. The dashboard itself is unchanged."""
