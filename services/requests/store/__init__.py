"""All SQL of requests. Functions take the caller's connection; only `shared.db.transaction()` commits."""
