"""Whom the simulation is about: cities, residents, and the letters of their kelurahan."""
