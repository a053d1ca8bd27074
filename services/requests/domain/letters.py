"""What a filed letter may still become. The stage decides; each decision returns the facts it makes.

Dispatch is told of a case once its papers are complete (`told`); of one it does not know, nothing is told.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.requests.domain.filing import accepted, added
from services.requests.domain.people import Document
from services.requests.domain.rules.effort import Effort
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import OPEN, State, state_of
from services.requests.domain.when import When
from shared.contract.events import (
    CaseWithdrawn,
    PrintEligible,
    RequestAmended,
    RequestCancelled,
    RequestEvent,
    RequestRejected,
)
from shared.contract.fields import ClosingReason, RequestKind, ServiceCode, Stage
from shared.problems import Conflict, NotFound

WORDS = {
    Stage.FILED: "menunggu kelengkapan dokumen",
    Stage.ACCEPTED: "sudah diterima",
    Stage.REJECTED: "sudah ditolak",
    Stage.CANCELLED: "sudah dibatalkan",
}
UNPROMISED = (Stage.FILED, Stage.ACCEPTED)
"""Stages at which no visit is planned."""
RECORDED = OPEN[OPEN.index(Stage.RECORDED) :]
"""Stages from the record on: what a visit needs matters no more."""


@dataclass(frozen=True, slots=True)
class LockedCase:
    """A case under the lock of its request."""

    id: UUID
    tracking: str | None
    service: ServiceCode
    effort: Effort
    print_on_hold: bool
    family_card: bool
    documents: tuple[Document, ...]
    missing: tuple[Document, ...]
    told: bool
    stage: Stage
    """Where it stands, as far as dispatch has told."""

    @property
    def waits(self) -> bool:
        """Whether it waits for papers."""
        return self.stage is Stage.FILED

    @property
    def state(self) -> State:
        """Where it stands, as people see it."""
        return state_of(self.stage, self.missing)

    def begun(self) -> "LockedCase":
        """It is accepted."""
        return replace(self, stage=Stage.ACCEPTED, told=True)

    def show(self, documents: Collection[Document]) -> "LockedCase":
        """Papers were shown."""
        shown = {*self.documents, *documents}
        return replace(
            self,
            documents=tuple(each for each in Document if each in shown),
            missing=tuple(each for each in self.missing if each not in shown),
        )


@dataclass(frozen=True, slots=True)
class Request:
    """A request, held under its lock. `stage` is the letter's own: filed, accepted, rejected or cancelled."""

    id: UUID
    office: str
    kelurahan: str
    kind: RequestKind
    stage: Stage
    filed_at: datetime
    preferred_days: tuple[int, ...]
    on_holidays: bool
    cases: dict[UUID, LockedCase]

    def case(self, case_id: UUID) -> LockedCase:
        """One of its cases. Raises NotFound (404)."""
        if case_id not in self.cases:
            raise NotFound("kasus tidak ditemukan", field="case_id")
        return self.cases[case_id]

    def accept(self, policy: Policy, when: When) -> tuple[list[LockedCase], list[RequestEvent]]:
        """All papers were shown: the cases that waited, and the facts. Raises Conflict (409) when none waits."""
        waiting = [case for case in self.cases.values() if case.waits]
        if not waiting:
            self._must_be(Stage.FILED)
            raise Conflict("belum ada warga dalam permohonan ini: tambahkan daftarnya dahulu", field="request_id")
        ready = [case.show(case.missing) for case in waiting]
        return ready, self.begin(policy, ready, when)

    def show(
        self, policy: Policy, case_id: UUID, documents: Collection[Document], when: When
    ) -> tuple[LockedCase, list[RequestEvent]]:
        """Papers of one case were shown: the case then, and the facts when it is complete by that.

        Raises NotFound (404), or Conflict (409) for a case that is closed.
        """
        case = self.case(case_id)
        if case.stage not in OPEN:
            raise Conflict("kasus sudah selesai atau ditarik", field="case_id")
        after = case.show(documents)
        ready = case.waits and not after.missing
        return after, self.begin(policy, [after], when) if ready else []

    def begin(self, policy: Policy, ready: Sequence[LockedCase], when: When) -> list[RequestEvent]:
        """The facts of cases whose papers are complete now."""
        about = (self.id, self.office, self.kelurahan, self.preferred_days, self.on_holidays, when)
        events: list[RequestEvent] = [added(case, *about) for case in ready if not case.told]
        if self.stage is Stage.FILED:
            events.append(accepted(policy, self.id, self.office, self.kelurahan, when))
        return events

    def must_take_residents(self) -> None:
        """Raises Conflict (409) unless it is a drive that is still open."""
        if self.kind is not RequestKind.DRIVE:
            raise Conflict("warga hanya dapat ditambahkan pada layanan di tempat", field="request_id")
        self._must_be(Stage.FILED, Stage.ACCEPTED)

    def must_be_unpromised(self) -> None:
        """Raises Conflict (409) once dispatch knows a case, or the request is closed."""
        if any(case.told for case in self.cases.values()) or self.stage not in (Stage.FILED, Stage.ACCEPTED):
            raise Conflict(
                "permohonan sudah diteruskan ke penjadwalan: jadwal dan tempatnya diubah oleh Dukcapil",
                field="request_id",
            )

    def reject(self, at: datetime, reason: ClosingReason) -> RequestRejected:
        """It ends before any visit. Raises Conflict (409) once it was accepted or closed."""
        self._must_be(Stage.FILED)
        return RequestRejected(at=at, request_id=self.id, reason=reason)

    def cancel(self, at: datetime, reason: ClosingReason) -> RequestCancelled:
        """Whoever filed it takes it back. Raises Conflict (409) when it is closed or a card is printed."""
        self._must_be(Stage.FILED, Stage.ACCEPTED)
        open_cases = [case.stage for case in self.cases.values() if case.stage in OPEN]
        if self.cases and not open_cases:
            raise Conflict("semua kasus permohonan ini sudah selesai atau ditarik", field="request_id")
        if Stage.PRINTED in open_cases:
            raise Conflict(
                "ada kartu yang sudah dicetak: serahkan kartunya atau minta Dukcapil memusnahkannya, dan tarik kasus"
                " lainnya satu per satu",
                field="request_id",
            )
        return RequestCancelled(at=at, request_id=self.id, reason=reason)

    def withdraw(self, case_id: UUID, at: datetime, reason: ClosingReason) -> list[RequestEvent]:
        """One resident's case ends. Raises NotFound (404), or Conflict (409) when it is closed or printed."""
        case = self.case(case_id)
        if case.stage is Stage.PRINTED:
            raise Conflict(
                "kartu sudah dicetak: serahkan kartunya, atau minta Dukcapil memusnahkannya", field="case_id"
            )
        if case.stage not in OPEN:
            raise Conflict("kasus sudah selesai atau ditarik", field="case_id")
        return [CaseWithdrawn(at=at, request_id=self.id, case_id=case_id, reason=reason)] if case.told else []

    def amend(self, before: LockedCase, after: LockedCase, at: datetime) -> list[RequestEvent]:
        """What dispatch must know of other needs, or of a card that need not wait.

        Raises Conflict (409) when a visit's needs change after the record, or a known case would have to wait.
        """
        return list(self._amended(before, after, at))

    def _amended(self, before: LockedCase, after: LockedCase, at: datetime) -> Iterator[RequestEvent]:
        kept = {"needs": after.effort == before.effort, "family_card": after.family_card == before.family_card}
        changed = [field for field, same in kept.items() if not same]
        if changed and (before.stage not in OPEN or before.stage in RECORDED):
            raise Conflict("sudah direkam: kebutuhan kunjungan tidak dapat diubah lagi", field=changed[0])
        if before.told and (changed or after.service is not before.service):
            yield self._needs(after, at)
        if after.print_on_hold and not before.print_on_hold and before.told:
            raise Conflict(
                "dengan tanggal lahir ini kartu harus menunggu umur 17: tarik kasus ini dan ajukan lagi",
                field="birth_date",
            )
        if before.print_on_hold and not after.print_on_hold and before.told:
            yield PrintEligible(at=at, request_id=self.id, case_id=before.id, office=self.office)

    def _needs(self, case: LockedCase, at: datetime) -> RequestAmended:
        effort = case.effort
        return RequestAmended(
            at=at,
            request_id=self.id,
            case_id=case.id,
            kelurahan=self.kelurahan,
            minutes=effort.minutes,
            team_size=effort.team_size,
            skills=effort.skills,
            urgency=effort.urgency,
            service=case.service,
            family_card=case.family_card,
        )

    def _must_be(self, *stages: Stage) -> None:
        if self.stage not in stages:
            needed = " atau ".join(WORDS[stage] for stage in stages)
            raise Conflict(f"permohonan {WORDS[self.stage]}; yang dapat diproses hanya yang {needed}", field="stage")
