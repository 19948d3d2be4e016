"""Python as a language of SmartStreams: sources that the interpreter of `filters/sdk/python` runs."""
