"""What commands do, with the heavy imports: run/X.py works for commands/X.py. Options are not parsed here."""
