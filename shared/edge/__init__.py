"""What every HTTP answer of every service passes through: limits, headers, and errors as problem+json."""
