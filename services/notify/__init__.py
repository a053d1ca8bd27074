"""Notify: alerts the province when an office runs short of blank cards, until somebody answers."""
