"""A Fluvio cluster as a broker, through a client of its protocol that skips no record."""
