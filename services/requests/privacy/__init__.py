"""Privacy of persons: the access log and its audit chain, erasure, and retention.

Other packages import from here only. Every reading of a person is logged by `note_reading` and its siblings in the
reader's transaction, before anything is shown.
"""

from services.requests.privacy.access_log import note_contact, note_matches, note_reading, note_readings
from services.requests.privacy.audit_chain import AuditCheck, seal_audit, verify_audit
from services.requests.privacy.erasure import ErasureGround, destroy_person, reapply_erasures
from services.requests.privacy.retention import RetentionPeriod, RetentionPolicy, apply_retention

__all__ = [
    "AuditCheck",
    "ErasureGround",
    "RetentionPeriod",
    "RetentionPolicy",
    "apply_retention",
    "destroy_person",
    "note_contact",
    "note_matches",
    "note_reading",
    "note_readings",
    "reapply_erasures",
    "seal_audit",
    "verify_audit",
]
