"""What the routes of inventory return. Counts are blank cards; days are the office's own."""
