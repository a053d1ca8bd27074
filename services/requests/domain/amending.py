"""A resident's data are corrected: which may be, and what of the rest is judged anew by the rules.

What was applied for is not among them: for another service the case is withdrawn and filed again. A correction of
one's own data is a right (UU 27/2022 Ps 6, within 3 x 24 hours: Ps 30), also after the record.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.requests.domain.letters import Held
from services.requests.domain.people import Application, Person
from services.requests.domain.policy import Policy
from services.requests.domain.rules import examine
from shared.fields import RequestKind
from shared.problems import Invalid

NEEDS, FAMILY_CARD = "needs", "family_card"
JUDGED_ONCE = frozenset({"service", "photo_reason", "recorded_before"})
"""Of filing alone."""


def amend(
    policy: Policy,
    kelurahan: str,
    kind: RequestKind,
    case: Held,
    person: Person,
    changes: Mapping[str, Any],
    day: date,
) -> tuple[Held, Person, date | None]:
    """The case and its person with these changes, and the 17th birthday while its card must wait for it.

    `changes` are fields of Person, `needs` and `family_card`. Raises Invalid (422) naming field and rule.
    """
    after = replace(person, **{name: value for name, value in changes.items() if name not in (NEEDS, FAMILY_CARD)})
    # Of the skills in hand, those that the reason of before brought go with it.
    brought = examine(policy, kelurahan, kind, 0, Application(person, case.service), day).effort.skills
    given = Application(
        after,
        case.service,
        needs=frozenset(changes.get(NEEDS, {*case.effort.skills} - {*brought})),
        documents=frozenset(case.documents),
        family_card=changes.get(FAMILY_CARD, case.family_card),
    )
    found = examine(policy, kelurahan, kind, 0, given, day, prefix="")
    errors = [error for error in found.errors if error.field not in JUDGED_ONCE]
    if errors:
        raise Invalid.of(errors)
    needs_changed = NEEDS in changes or "reason" in changes or FAMILY_CARD in changes
    held = replace(
        case,
        effort=found.effort if needs_changed else case.effort,
        print_on_hold=found.hold_until is not None,
        family_card=given.family_card,
    )
    return held, after, found.hold_until
