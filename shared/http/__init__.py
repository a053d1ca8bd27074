"""What every HTTP answer of every service passes through: limits, headers, commands, and errors as problem+json."""
