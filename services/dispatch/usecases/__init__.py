"""What dispatch does: load under the lock of the case, decide, save, tell."""
