"""What a log has lost: noticed, found, salvaged. Undamaged logs are opened by the folder above."""
