"""Why one record passed or not: it is evaluated again, alone and traced. Not what groups of records share."""
