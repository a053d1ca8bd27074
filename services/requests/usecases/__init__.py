"""What happens to a request: one function a verb, each inside the caller's transaction."""

SERVICE = "requests"
