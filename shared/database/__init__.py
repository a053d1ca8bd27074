"""PostgreSQL: the pool and its transactions, migrations, transient errors, and pruning of old rows."""
