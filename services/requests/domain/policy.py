"""What an office asks for."""

from datetime import timedelta
from pathlib import Path

from services.requests.domain.people import Document
from shared.fields import ServiceCode

L = {
    "filed": 3,
    "needs_documents": 7,
    "scheduled": 1,
    "visited": 3,
    "recorded": 1,
    "print_ready": 3,
    "printed": 7,
}
R = {
    "first": ["kk"],
    "lost": ["surat_kehilangan", "kk"],
    "damaged": ["ktp_rusak", "kk"],
    "photo": ["ktp_lama", "kk"],
    "data_change": ["ktp_lama", "bukti_perubahan", "kk"],
    "move_in": ["surat_pindah", "kk"],
}


class Policy:
    """An office's rules."""

    legal_limit = timedelta(hours=24)

    def limit(self, state: str) -> timedelta:
        """How long."""
        return timedelta(days=L[state]) if state in L else timedelta()

    def required(self, service: ServiceCode) -> tuple[Document, ...]:
        """Which papers."""
        return tuple(Document(d) for d in R[service])


class Policies:
    """By office."""

    @classmethod
    def load(cls, file: Path | None = None) -> "Policies":
        """All."""
        return cls()

    def of(self, office: str) -> Policy:
        """One."""
        return Policy()
