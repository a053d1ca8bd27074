"""SQL of tracking by code: the tracked case, reserved codes, and the rate limit of wrong guesses."""
