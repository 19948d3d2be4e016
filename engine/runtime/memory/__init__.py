"""The memory of a guest: the columns that the host writes there, and what it reads. Calls nothing."""
