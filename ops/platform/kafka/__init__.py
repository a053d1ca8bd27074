"""Apache Kafka as local processes: the jars, the JVM, the configuration, one broker or three."""
