"""What a pane says of its consumer: its header, how far it is behind, why it is empty, its settings."""
