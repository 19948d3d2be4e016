"""Languages whose sources an interpreter runs, which cargo builds once from a crate in `filters/sdk`."""
