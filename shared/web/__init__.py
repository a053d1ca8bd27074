"""What the pages of all services stand on."""
