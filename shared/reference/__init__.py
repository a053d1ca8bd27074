"""What all services know of the country: offices and their hours, regions, villages by name, device time."""
