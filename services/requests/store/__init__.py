"""All SQL of requests. Functions take the caller's connection and commit nothing; `together` is a transaction."""
