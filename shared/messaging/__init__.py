"""Messaging: the outbox and its relay to Kafka, consumer groups with their inbox, and dead letters."""
