"""Starts, watches and ends server processes; finds free ports for them."""
