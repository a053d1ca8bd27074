"""From an outbox to an inbox: relay, publisher, consumer groups, and dead letters."""
