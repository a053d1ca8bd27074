"""The login room: persons come in by the office's identity provider and leave with a session for all pages."""
