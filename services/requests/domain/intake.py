"""A submission becomes a `Filing`, or is refused with every field and rule that is wrong.

`check` reports the same errors and warnings without raising, for a form that is still being filled in.
"""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from services.requests.domain.filing import HOUSEHOLD, NO_CONTACT, Filing, Letter, NewCase, Submission
from services.requests.domain.people import Application, Document
from services.requests.domain.rules.checks import Examined, Warned, examine
from services.requests.domain.rules.policy import Policy
from services.requests.domain.tracking.codes import new_code
from shared.contract.fields import RequestKind, Stage
from shared.problems import Invalid, RuleViolation
from shared.reference.offices import Office


def file(submission: Submission, office: Office, policy: Policy, new_id: Callable[[], UUID]) -> Filing:
    """The request of a letter, with a case for each resident. Raises Invalid (422) naming every field and rule."""
    examined, errors = _examine(submission, office, policy)
    cases = _cases(submission, examined, [*_letter_errors(submission, office), *errors], new_id)
    return Filing(new_id(), submission.when, office.code, submission.letter, cases, _warnings(examined), policy)


def join(
    request_id: UUID,
    stage: Stage,
    submission: Submission,
    office: Office,
    policy: Policy,
    new_id: Callable[[], UUID],
) -> Filing:
    """Residents for a drive that was filed before; `stage` is where its letter stands.

    Raises Invalid (422) naming every field and rule.
    """
    examined, errors = _examine(submission, office, policy)
    cases = _cases(submission, examined, errors, new_id)
    return Filing(
        request_id, submission.when, office.code, submission.letter, cases, _warnings(examined), policy, stage
    )


def check(
    submission: Submission, office: Office, policy: Policy
) -> tuple[list[RuleViolation], list[Warned], list[tuple[tuple[Document, ...], bool]]]:
    """What `file` would say: errors, warnings, and each resident's missing papers and whether the print waits."""
    examined, errors = _examine(submission, office, policy)
    complete = submission.documents_complete
    residents = [(() if complete else each.missing, each.hold_until is not None) for each in examined]
    return [*_letter_errors(submission, office), *errors], [*_warnings(examined)], residents


def _examine(submission: Submission, office: Office, policy: Policy) -> tuple[list[Examined], list[RuleViolation]]:
    """Each application under the policy, and what is wrong with them, alone and together."""
    letter, day = submission.letter, office.day_of(submission.when.received_at)
    examined = [
        examine(policy, letter.kelurahan, letter.kind, number, application, day)
        for number, application in enumerate(submission.applications)
    ]
    return examined, [
        *_repeated_niks(submission.applications),
        *(error for each in examined for error in each.errors),
    ]


def _cases(
    submission: Submission, examined: Sequence[Examined], errors: Sequence[RuleViolation], new_id: Callable[[], UUID]
) -> tuple[NewCase, ...]:
    """A new case for each application. Raises Invalid (422) when there are errors."""
    if errors:
        raise Invalid.of(errors)
    return tuple(
        _case(application, each, submission.documents_complete, new_id())
        for application, each in zip(submission.applications, examined, strict=True)
    )


def _case(application: Application, examined: Examined, documents_complete: bool, case_id: UUID) -> NewCase:
    shown = {*application.documents, *(examined.missing if documents_complete else ())}
    return NewCase(
        id=case_id,
        tracking=application.tracking or new_code(),
        service=application.service,
        effort=examined.effort,
        hold_until=examined.hold_until,
        person=application.person,
        documents=tuple(document for document in Document if document in shown),
        missing=() if documents_complete else examined.missing,
        family_card=application.family_card,
        line=application.line,
    )


def _warnings(examined: Sequence[Examined]) -> tuple[Warned, ...]:
    return tuple(warning for each in examined for warning in each.warnings)


def _letter_errors(submission: Submission, office: Office) -> Iterator[RuleViolation]:
    letter, residents = submission.letter, len(submission.applications)
    if letter.date > office.day_of(submission.when.at):
        yield RuleViolation(
            "letter.date", "tanggal surat paling lambat hari permohonan", "letter.date", en="not after today"
        )
    if letter.kind is RequestKind.DRIVE:
        yield from _drive_errors(letter)
        return
    if letter.drive is not None:
        yield RuleViolation("drive", "hanya untuk layanan di tempat", "drive.only", en="only for a drive")
    if not 1 <= residents <= HOUSEHOLD:
        rule = f"kunjungan rumah untuk 1 sampai {HOUSEHOLD} warga; untuk lebih banyak ajukan layanan di tempat"
        yield RuleViolation(
            "residents", rule, "visit.residents", en=f"a home visit is for 1 to {HOUSEHOLD} residents"
        )


def _drive_errors(letter: Letter) -> Iterator[RuleViolation]:
    if letter.drive is None:
        yield RuleViolation("drive", "wajib diisi untuk layanan di tempat", "drive.place", en="required for a drive")
    if letter.contact.phone is None:
        yield NO_CONTACT


def _repeated_niks(applications: Sequence[Application]) -> Iterator[RuleViolation]:
    first: dict[str, int] = {}
    for number, application in enumerate(applications):
        nik = application.person.nik
        if nik and (before := first.setdefault(nik, number)) != number:
            rule = f"NIK sama dengan warga ke-{before + 1} dalam surat ini: satu kasus untuk satu warga"
            yield RuleViolation(
                f"residents.{number}.nik", rule, "nik.twice", en=f"the same NIK as resident {before + 1}"
            )
