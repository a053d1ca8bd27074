"""Code that the four services share: the event contract, database, messaging, HTTP, security and web pages."""
