"""Papers of a case as files: examined by a process that can do no harm, sealed, kept in a store, lent by link."""
