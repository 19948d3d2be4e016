"""Python, as far as it differs from other interpreted languages."""
