"""What a simulation came to: read from the services, kept as a story, and judged."""
