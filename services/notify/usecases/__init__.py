"""What notify does: load, decide, save, publish."""
