"""PostgreSQL as a local process: its programs and one server."""
