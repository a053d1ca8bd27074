"""Four independent services. They meet in Kafka topics and know nothing of one another."""
