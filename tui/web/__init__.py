"""The dashboard in a browser: a server that runs one for each viewer."""
