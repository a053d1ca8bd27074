"""All SQL of dispatch. Whoever changes a case, its visits or its prints holds the lock of its row in `cases`."""
