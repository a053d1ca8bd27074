"""What a filed letter may still become. The stage decides; each decision returns the fact it makes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.requests.domain.filing import accepted
from services.requests.domain.policy import Policy
from services.requests.domain.stages import OPEN
from shared.events import CaseWithdrawn, RequestAccepted, RequestCancelled, RequestRejected
from shared.fields import ClosingReason, Stage
from shared.problems import Conflict, NotFound

WORDS = {
    Stage.FILED: "menunggu kelengkapan dokumen",
    Stage.ACCEPTED: "sudah diterima",
    Stage.REJECTED: "sudah ditolak",
    Stage.CANCELLED: "sudah dibatalkan",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, held under its lock. `stage` is the letter's own: filed, accepted, rejected or cancelled."""

    id: UUID
    office: str
    kelurahan: str
    stage: Stage
    cases: dict[UUID, Stage]
    """Where each case stands, as far as dispatch has told."""

    def accept(self, at: datetime, policy: Policy) -> RequestAccepted:
        """The documents are complete now. Raises Conflict (409) unless it waits for them."""
        self._must_be(Stage.FILED)
        return accepted(self.id, self.office, self.kelurahan, at, policy)

    def reject(self, at: datetime, reason: ClosingReason) -> RequestRejected:
        """It ends before any visit. Raises Conflict (409) once it was accepted or closed."""
        self._must_be(Stage.FILED)
        return RequestRejected(at=at, request_id=self.id, reason=reason)

    def cancel(self, at: datetime, reason: ClosingReason) -> RequestCancelled:
        """Whoever filed it takes it back. Raises Conflict (409) when it is closed or a card is printed."""
        self._must_be(Stage.FILED, Stage.ACCEPTED)
        open_cases = [stage for stage in self.cases.values() if stage in OPEN]
        if not open_cases:
            raise Conflict("semua berkas permohonan ini sudah selesai atau ditarik", field="request_id")
        if Stage.PRINTED in open_cases:
            raise Conflict(
                "ada kartu yang sudah dicetak: serahkan kartunya, dan tarik berkas lainnya satu per satu",
                field="request_id",
            )
        return RequestCancelled(at=at, request_id=self.id, reason=reason)

    def withdraw(self, case_id: UUID, at: datetime, reason: ClosingReason) -> CaseWithdrawn:
        """One resident's case ends. Raises NotFound (404), or Conflict (409) when it is closed or printed."""
        stage = self.cases.get(case_id)
        if stage is None:
            raise NotFound("berkas tidak ditemukan", field="case_id")
        if stage is Stage.PRINTED:
            raise Conflict("kartu sudah dicetak: serahkan kartunya", field="case_id")
        if stage not in OPEN:
            raise Conflict("berkas sudah selesai atau ditarik", field="case_id")
        return CaseWithdrawn(at=at, request_id=self.id, case_id=case_id, reason=reason)

    def _must_be(self, *stages: Stage) -> None:
        if self.stage not in stages:
            needed = " atau ".join(WORDS[stage] for stage in stages)
            raise Conflict(f"permohonan {WORDS[self.stage]}; yang dapat diproses hanya yang {needed}", field="stage")
