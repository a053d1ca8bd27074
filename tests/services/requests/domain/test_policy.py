"""The policy file, and what an office may replace of it."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from services.requests.domain.numbers import ERRORS, WARNINGS
from services.requests.domain.people import Document, PhotoReason
from services.requests.domain.rules.policy import SHIPPED, Policies
from shared.contract.fields import ServiceCode, Stage

SAID = 'source = "Perda Kota Bengkulu 7/2024"\nid = "sesuai peraturan daerah"\nen = "as the local rule says"\n'
DOCS = Path(__file__).parents[4] / "docs" / "policy.md"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_rule_says_where_it_comes_from_in_both_languages() -> None:
    rules = Policies.load().of("17.02").rules
    assert len(rules) == len(re.findall(r"^\[", SHIPPED.read_text(), re.MULTILINE))
    for name, rule in rules.items():
        assert rule.source.startswith(("UU ", "PP ", "Perpres ", "Permendagri ", "Kebiasaan kantor")), name
        assert rule.id != rule.en, name
        assert not rule.binding or not rule.source.startswith("Kebiasaan"), name


def test_the_documentation_says_where_each_source_was_found() -> None:
    sources = {rule.source for rule in Policies.load().of("17.02").rules.values()}
    sources |= {said.source for said in (*ERRORS.values(), *WARNINGS.values()) if said.source}
    cited = {source for source in sources if not source.startswith("Kebiasaan kantor")}
    assert cited == set(re.findall(r"^\| [^|]*`[^|]* \| `([^`]+)` \|", DOCS.read_text(), re.MULTILINE))


def test_an_office_replaces_a_rule_for_itself_alone(tmp_path: Path) -> None:
    text = f'[office."17.71".lost.kk]\nrequired = false\n{SAID}[office."17.71".limit.printed]\ndays = 14\n{SAID}'
    policies = Policies.load(written(tmp_path, text))
    bengkulu, others = policies.of("17.71"), policies.of("17.02")
    assert bengkulu.required(ServiceCode.LOST) == (Document.POLICE_LETTER,)
    assert others.required(ServiceCode.LOST) == (Document.POLICE_LETTER, Document.KK)
    assert bengkulu.limit(Stage.PRINTED) == timedelta(days=14)
    assert others.limit(Stage.PRINTED) == timedelta(days=7)
    assert policies.of("17.71.01.1004") is bengkulu
    paper = bengkulu.public()["services"]["lost"]["papers"]["kk"]
    assert (paper["required"], paper["source"]) == (False, "Perda Kota Bengkulu 7/2024")


def test_a_file_replaces_for_all_and_an_office_for_itself(tmp_path: Path) -> None:
    text = f'[limit.filed]\ndays = 5\n{SAID}[office."53.71".limit.filed]\nhours = 36\n{SAID}'
    policies = Policies.load(written(tmp_path, text))
    assert policies.of("17.02").limit(Stage.FILED) == timedelta(days=5)
    assert policies.of("53.71").limit(Stage.FILED) == timedelta(hours=36)


def test_an_office_may_be_stricter_than_the_law(tmp_path: Path) -> None:
    own = ("[limit.accepted]\nhours = 8\n", "[first.f102]\nrequired = true\n", "[age.recording]\nyears = 17\n")
    text = "".join(rule + SAID for rule in own)
    policy = Policies.load(written(tmp_path, text)).of("17.02")
    assert policy.legal_limit == timedelta(hours=8)
    assert policy.required(ServiceCode.FIRST) == (Document.KK, Document.F102)
    assert policy.recording_age.years == 17


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    own = Policies.load(written(tmp_path, "# nothing of our own\n")).of("17.02")
    assert own.public() == Policies.load().of("17.02").public()


def test_the_shipped_file_may_be_an_offices_own() -> None:
    """A copy of it, to be changed where the office decides otherwise; the containers mount it so."""
    assert Policies.load(SHIPPED).of("17.02").rules == Policies.load().of("17.02").rules


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"[lost.npwp]\nrequired = true\n{SAID}", "lost.npwp: no such rule"),
        (f"[lost.bukti_kawin]\nrequired = true\n{SAID}", "lost.bukti_kawin: no such rule"),
        (f'[office."17.71".limit.handed_over]\ndays = 1\n{SAID}', 'office."17.71".limit.handed_over: no such rule'),
        ('[lost.kk]\nrequired = false\nid = "tanpa sumber"\nen = "without a source"', "lost.kk.source: "),
        (f'[lost.kk]\nrequired = false\n{SAID.replace("Perda Kota Bengkulu 7/2024", "")}', "lost.kk.source: "),
        ('[lost.kk]\nrequired = false\nsource = "Perda 7/2024"\nid = "sesuai peraturan"', "lost.kk.en: "),
        (f"[lost.kk]\n{SAID}", "lost.kk.required: "),
        (f"[lost.kk]\nrequired = false\nrequried = true\n{SAID}", "lost.kk.requried: "),
        (f"[limit.filed]\ndays = 0\n{SAID}", "limit.filed: "),
        (f"[limit.filed]\ndays = -3\n{SAID}", "limit.filed.days: "),
        (f"[minutes.first]\nhome_visit = 0\ndrive = 4\n{SAID}", "minutes.first.home_visit: "),
        (f"[age.recording]\nyears = 12\n{SAID}", "age.recording.years: "),
        (f"[age.recording]\nyears = 18\n{SAID}", "age.recording <= age.card"),
        (f'[office."17.99".lost.kk]\nrequired = false\n{SAID}', 'office."17.99": no kabupaten or kota'),
        (f'[office."17.02.06".lost.kk]\nrequired = false\n{SAID}', 'office."17.02.06": no kabupaten or kota'),
        ("lost = 3", "lost: not a table"),
        ('[office]\n"17.71" = 3', 'office."17.71": not a table'),
        ('[office."17.71"]\nlost = 3', 'office."17.71".lost: not a table'),
        ("office = 3", "office: "),
        ("[lost", "policy.toml: "),
        # What the law sets:
        (f"[first.kk]\nrequired = false\n{SAID}", "first.kk: weaker than Perpres 96/2018 Ps 15"),
        (f'[first.kk]\nrequired = true\nwhen = "married_under_age"\n{SAID}', "first.kk: weaker"),
        (f'[office."17.71".lost.surat_kehilangan]\nrequired = false\n{SAID}', ".lost.surat_kehilangan: weaker"),
        (f"[photo_reason.estetika]\npermitted = true\n{SAID}", "photo_reason.estetika: weaker"),
        (f"[limit.accepted]\nhours = 25\n{SAID}", "limit.accepted: weaker than Permendagri 19/2018 Ps 3(2)"),
        (f"[age.card]\nyears = 16\n{SAID}", "age.card: weaker than UU 24/2013 Ps 63(1)"),
        (f"[age.card]\nyears = 18\n{SAID}", "age.card: weaker than UU 24/2013 Ps 63(1)"),
        (f"[move_in.recorded]\napplies = false\n{SAID}", "move_in.recorded: weaker"),
        (f"[first.kk]\nrequired = true\nbinding = false\n{SAID}", "first.kk.binding: "),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_naming_the_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ValueError, match=re.escape(key)) as refused:
        Policies.load(written(tmp_path, text))
    assert "policy.toml" in str(refused.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="policy"):
        Policies.load(tmp_path / "policy.toml")


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", DOCS.read_text(), re.DOTALL)
    policies = Policies.load(written(tmp_path, example))
    assert policies.of("17.71").required(ServiceCode.LOST) == (Document.POLICE_LETTER,)
    assert policies.of("32.74").limit(Stage.PRINTED) == timedelta(days=14)


def test_a_page_gets_all_it_needs_to_check_by_itself() -> None:
    public = json.loads(json.dumps(Policies.load().of("17.02").public()))
    assert public["services"].keys() == set(ServiceCode)
    assert public["services"]["photo"]["required"] == ["ktp_lama", "kk"]
    permitted = {why for why, rule in public["photo_reasons"].items() if rule["permitted"]}
    assert permitted == {*PhotoReason} - {PhotoReason.AESTHETIC}
    assert public["ages"] == {"recording": 16, "card": 17, "oldest": 130}
    assert {"first.recorded", "age.recording", "photo.reason", "nik.format", "nik.sex"} <= public["rules"].keys()
    said = [*public["rules"].values(), *public["photo_reasons"].values()]
    said += [paper for service in public["services"].values() for paper in service["papers"].values()]
    for each in said:
        assert each["id"]
        assert each["en"]
