"""Requests: the letters of the kelurahan, one case a resident, and where each of them stands."""
