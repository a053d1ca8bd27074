"""Commands that inspect a running system and repair it. Every error names what to do next.

They connect to each database as its own service does, and change nothing but what they are asked to.
"""
