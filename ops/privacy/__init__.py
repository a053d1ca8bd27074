"""The resident's rights, the keys and the audit, from the command line.

A NIK is read from standard input, never from an argument: arguments stand in process lists and shell histories.
"""

from ops.privacy.audit import app as audit_app
from ops.privacy.commands import app as privacy_app

__all__ = ["audit_app", "privacy_app"]
