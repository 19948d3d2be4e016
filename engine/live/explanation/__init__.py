"""Why a record passed or not: it is evaluated again, alone and traced."""
