"""What dispatch does: load a case under its lock, decide, save, publish."""
