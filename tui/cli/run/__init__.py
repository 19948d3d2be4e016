"""What commands do, with heavy imports: run/X.py does the work of commands/X.py."""
