"""Disks that can be filled and a network that can be cut, for servers under test."""
