"""The resident's rights, the keys and the audit, from the command line.

A NIK is read from standard input, never from an argument: arguments stand in process lists and shell histories.
"""
