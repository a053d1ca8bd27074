"""Is a service well: liveness, readiness, metrics, the business clock, and the page Operasi."""
