"""Small widgets that several screens and panels use. None knows the dashboard."""
