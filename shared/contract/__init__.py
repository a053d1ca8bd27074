"""What services say to one another: events, their fields, the envelope on Kafka, and ids. It imports nothing else."""
