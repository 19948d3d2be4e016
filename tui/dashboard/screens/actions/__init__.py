"""What keys do on the dashboard, one file for each thing that they act on. Which key: keys."""
