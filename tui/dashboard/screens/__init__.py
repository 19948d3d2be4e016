"""The dashboard, when it is drawn, and large screens and panels: one record, builds, help."""
