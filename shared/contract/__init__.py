"""The contract between services: topics, events and their fields, the envelope on Kafka, and ids.

It imports nothing else of `shared`.
"""
