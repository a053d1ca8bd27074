"""PostgreSQL: the pool and its transactions, migrations, transient errors, periodic tasks, and pruning."""
