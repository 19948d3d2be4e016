"""Small widgets that screens and panels are made of."""
