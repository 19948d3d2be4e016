"""The crates that a file names: front matter, fetching, permissions. Not how they are linked."""
