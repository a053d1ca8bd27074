#!/bin/bash
# The topics of the contract, created explicitly; what is there stays as it is.
set -euo pipefail
for topic in requests cases stock alerts dead-letters; do
    bytes=1065536
    [ "$topic" != dead-letters ] || bytes=4262144
    /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic "$topic" \
        --partitions 12 --replication-factor 1 --config retention.ms=1209600000 \
        --config min.insync.replicas=1 --config max.message.bytes=$bytes
done
