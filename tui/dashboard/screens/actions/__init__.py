"""What keys do on the dashboard: one file for each kind of thing that they act on."""
