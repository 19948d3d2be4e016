"""Running modules: instances, calls, limits, and whose fault an aborted call is. It builds nothing."""
