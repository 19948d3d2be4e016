"""What a value consists of: fields by their paths, found when they are asked for.

Pure: no broker, no terminal, no thread, and no exception for any value.
"""
