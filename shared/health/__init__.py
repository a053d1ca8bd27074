"""The routes of a service for machines and operators: health, metrics, the business clock, the page Operasi."""
