"""The HTTP interface of requests: JSON in and out, problems as problem+json."""
