"""A resident's case as dispatch sees it, and every change its stage allows.

FILED -> ACCEPTED -> SCHEDULED -> RECORDED -> PRINT_READY -> PRINTED -> HANDED_OVER. A visit without a record
leads back to ACCEPTED, after the last attempt to VISITED, where a person decides. A card that is destroyed leads
back to PRINT_READY. REJECTED and CANCELLED end it from any open stage; a card that was printed by then is still
handed over or destroyed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.dispatch.domain.rationing import Rationing
from shared.contract.fields import (
    CaseId,
    DeferralReason,
    DestroyCause,
    KelurahanCode,
    OfficeCode,
    Outcome,
    Receiver,
    RequestId,
    ServiceCode,
    Skill,
    Stage,
    Urgency,
)
from shared.problems import Conflict

ATTEMPTS = 3
"""Visits to one resident that may fail for reasons of theirs; after that a person decides."""
FAULTS = 5
"""Visits to one resident that fail by our own fault are made again; after every fifth a person decides."""
OUR_FAULTS = (Outcome.DEVICE_FAULT, Outcome.NO_SIGNAL)
PRINTS_AGAIN = (DestroyCause.MISPRINT, DestroyCause.DAMAGED, DestroyCause.LOST)
"""The resident still gets a card. Whoever died, or never came for it, does not."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a visit needs. `minutes` at the resident, without the way."""

    kelurahan: KelurahanCode
    minutes: int
    team_size: int
    skills: frozenset[Skill]
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class VisitDays:
    """On which days a place can be visited: its weekdays (0 is Monday), weekends too, and on public holidays only
    if it says so. Without weekdays it is the office's working days."""

    preferred: frozenset[int] = frozenset()
    on_holidays: bool = False


ANY_WORKING_DAY = VisitDays()


@dataclass(frozen=True, slots=True)
class Case:
    """One resident's application. Times are business times, None until it came to that.

    `position` is the sequence number of its CaseAdded, `needs_sequence` that of the last event that changed its
    needs.
    """

    id: CaseId
    request_id: RequestId
    correlation_id: UUID
    """The correlation id of all its events."""
    office: OfficeCode
    service: ServiceCode
    needs: Needs
    on_hold: bool
    filed_at: datetime
    position: int
    needs_sequence: int
    days: VisitDays = ANY_WORKING_DAY
    family_card: bool = False
    """A family card (KK) is printed on the same visit."""
    stage: Stage = Stage.FILED
    attempts: int = 0
    deferred: DeferralReason | None = None
    accepted_at: datetime | None = None
    """By its turn: the later of what a device says and the time of receipt."""
    ready_at: datetime | None = None
    """Since when the next visit may be planned, by the same: the acceptance, or the last visit."""
    recorded_at: datetime | None = None
    print_ready_at: datetime | None = None
    printed_at: datetime | None = None
    """Of the card that there is; None again once it was destroyed."""
    handed_over_at: datetime | None = None
    receiver: Receiver | None = None

    @property
    def card_outstanding(self) -> bool:
        """Whether a card was printed and is neither in a hand nor destroyed. So it may be on a closed case."""
        return self.printed_at is not None and self.handed_over_at is None

    def accept(self, at: datetime) -> "Case":
        """Its documents are complete; no change unless it is just filed."""
        if self.stage is not Stage.FILED:
            return self
        return replace(self, stage=Stage.ACCEPTED, accepted_at=at, ready_at=at)

    def close(self, stage: Literal[Stage.REJECTED, Stage.CANCELLED]) -> "Case":
        """It ends; no change when it ended before. A card that is outstanding stays so."""
        return self if is_closed(self.stage) else replace(self, stage=stage, deferred=None)

    def amend(
        self, needs: Needs, sequence: int, service: ServiceCode | None = None, family_card: bool | None = None
    ) -> "Case":
        """Other needs, and another service or family card if named; no change after a later event."""
        if sequence <= self.needs_sequence:
            return self
        card = self.family_card if family_card is None else family_card
        return replace(self, needs=needs, needs_sequence=sequence, service=service or self.service, family_card=card)

    def ready_not_before(self, received_at: datetime) -> "Case":
        """Its turn, and the notice before a visit, begin not before the time of receipt."""
        return self if self.ready_at is None else replace(self, ready_at=max(self.ready_at, received_at))

    def schedule(self) -> "Case":
        """A team will come."""
        return replace(self, stage=Stage.SCHEDULED, deferred=None)

    def release(self) -> "Case":
        """The planned visit no longer fits: plan it anew."""
        return replace(self, stage=Stage.ACCEPTED)

    def defer(self, reason: DeferralReason) -> "Case":
        """No visit can be promised yet."""
        return replace(self, deferred=reason)

    def visited(self, outcome: Outcome, at: datetime, faults: int = 0) -> "Case":
        """A team was there: recorded, closed, to be visited again, or left to a person's decision.

        `faults` is how many visits to this resident failed by our own fault, this one with them: those are no
        attempts of theirs.
        """
        attempts = self.attempts + (outcome not in OUR_FAULTS)
        seen = replace(self, attempts=attempts, ready_at=at, deferred=None)
        match outcome:
            case Outcome.RECORDED:
                return replace(seen, stage=Stage.RECORDED, recorded_at=at)
            case Outcome.UNDER_AGE | Outcome.ALREADY_RECORDED:
                return replace(seen, stage=Stage.REJECTED)
            case Outcome.REFUSED | Outcome.RELAPSED | Outcome.ABSENT | Outcome.NOT_FOUND:
                return seen._again(left_to_a_person=attempts >= ATTEMPTS)
            case Outcome.DEVICE_FAULT | Outcome.NO_SIGNAL:
                return seen._again(left_to_a_person=faults > 0 and faults % FAULTS == 0)
            case _:
                assert_never(outcome)

    def _again(self, *, left_to_a_person: bool) -> "Case":
        if left_to_a_person:
            return replace(self, stage=Stage.VISITED, deferred=DeferralReason.OUTCOME)
        return replace(self, stage=Stage.ACCEPTED)

    def resume(self, at: datetime) -> "Case":
        """A person decided: the resident has new attempts. Raises Conflict unless it waits for a decision."""
        self._must_wait_for_a_decision()
        return replace(self, stage=Stage.ACCEPTED, attempts=0, ready_at=at, deferred=None)

    def give_up(self) -> "Case":
        """A person decided: there is no further visit. Raises Conflict unless it waits for a decision."""
        self._must_wait_for_a_decision()
        return self.close(Stage.CANCELLED)

    def _must_wait_for_a_decision(self) -> None:
        if self.stage is not Stage.VISITED:
            raise _refusal("tidak menunggu keputusan", "keputusan hanya sesudah kunjungan terakhir tanpa perekaman")

    def print_ready(self, at: datetime) -> "Case":
        """The centre answered PRR; a late or repeated answer changes nothing. Raises Conflict before the record."""
        match self.stage:
            case Stage.RECORDED:
                return replace(self, stage=Stage.PRINT_READY, print_ready_at=at)
            case Stage.PRINT_READY | Stage.PRINTED | Stage.HANDED_OVER | Stage.REJECTED | Stage.CANCELLED:
                return self
            case Stage.FILED | Stage.ACCEPTED | Stage.SCHEDULED | Stage.VISITED:
                raise _refusal("belum direkam", "PRR hanya datang sesudah perekaman")
            case _:
                assert_never(self.stage)

    def printed(self, rationing: Rationing, at: datetime) -> "Case":
        """A card was printed. Raises Conflict unless it is PRR, not on hold, and its service may be printed."""
        match self.stage:
            case Stage.PRINT_READY:
                self._must_be_allowed(rationing)
                return replace(self, stage=Stage.PRINTED, printed_at=at)
            case Stage.PRINTED | Stage.HANDED_OVER:
                raise _refusal("kartunya sudah dicetak", "satu kasus satu kartu")
            case Stage.REJECTED | Stage.CANCELLED:
                raise _refusal("sudah ditutup", self._of_a_card_on_a_closed_case())
            case Stage.FILED | Stage.ACCEPTED | Stage.SCHEDULED | Stage.VISITED | Stage.RECORDED:
                raise _refusal("belum siap cetak", "cetak hanya sesudah PRR")
            case _:
                assert_never(self.stage)

    def _of_a_card_on_a_closed_case(self) -> str:
        if self.card_outstanding:
            return "kartunya sudah dicetak: serahkan atau musnahkan kartu itu"
        if self.print_ready_at is None:
            return "kasus yang ditutup sebelum PRR tidak dicetak"
        return "blangko yang sudah terpakai dicatat sebagai rusak dengan sebab status_change"

    def _must_be_allowed(self, rationing: Rationing) -> None:
        if self.on_hold:
            raise _refusal("ditahan", "kartu dicetak sesudah pemegangnya berhak")
        if not rationing.allows(self.service):
            raise _refusal(
                f"menunggu blangko: layanan {self.service} belum boleh dicetak",
                f"penjatahan: hanya {', '.join(sorted(rationing.allowed))}",
            )

    def must_be_spoilable(self) -> None:
        """Raises Conflict unless a blank card can have been lost on it: PRR, and no card yet.

        Neither a hold nor rationing nor a closed case refuses it: the blank card is gone.
        """
        if self.card_outstanding:
            raise _refusal(
                "kartunya sudah dicetak", "kartu yang salah atau tidak terpakai dimusnahkan, bukan dicatat rusak"
            )
        if self.print_ready_at is None or self.printed_at is not None:
            raise _refusal("tidak sedang dicetak", "blangko rusak dicatat antara PRR dan cetak")

    def handed_over(self, receiver: Receiver, at: datetime) -> "Case":
        """The card is in a hand; a repeat to the same receiver changes nothing. Raises Conflict without a card."""
        if self.stage is Stage.HANDED_OVER:
            if receiver is not self.receiver:
                raise _refusal("kartunya sudah diserahkan", "satu kartu satu penyerahan")
            return self
        if not self.card_outstanding:
            state = "sudah ditutup tanpa kartu" if is_closed(self.stage) else "belum dicetak"
            raise _refusal(state, "penyerahan hanya sesudah cetak")
        return replace(self, stage=Stage.HANDED_OVER, handed_over_at=at, receiver=receiver)

    def card_destroyed(self, cause: DestroyCause) -> "Case":
        """The card is destroyed: a closed case stays so, an open one prints again or ends, as the cause says.

        Raises Conflict without a card, and for a case that is open when the cause is that it is closed.
        """
        if not self.card_outstanding:
            state = "kartunya sudah diserahkan" if self.handed_over_at else "tidak punya kartu"
            raise _refusal(state, "hanya kartu yang sudah dicetak dan belum diserahkan dapat dimusnahkan")
        without = replace(self, printed_at=None)
        if is_closed(self.stage):
            return without
        if cause is DestroyCause.CASE_CLOSED:
            raise _refusal("masih berjalan", "sebab case_closed hanya untuk kasus yang sudah ditarik atau dibatalkan")
        if cause in PRINTS_AGAIN:
            return replace(without, stage=Stage.PRINT_READY)
        return without.close(Stage.CANCELLED)


def is_closed(stage: Stage) -> bool:
    """Whether nothing follows this stage."""
    match stage:
        case Stage.HANDED_OVER | Stage.REJECTED | Stage.CANCELLED:
            return True
        case Stage.FILED | Stage.ACCEPTED | Stage.SCHEDULED | Stage.VISITED:
            return False
        case Stage.RECORDED | Stage.PRINT_READY | Stage.PRINTED:
            return False
        case _:
            assert_never(stage)


def _refusal(state: str, rule: str) -> Conflict:
    return Conflict(f"Kasus ini {state}: {rule}.", field="case_id", rule=rule)
