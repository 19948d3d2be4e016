"""The crates that a file names in its front matter."""
