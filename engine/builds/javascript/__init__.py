"""JavaScript and TypeScript, as far as they differ from other interpreted languages."""
