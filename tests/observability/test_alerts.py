"""Every alert has a section in the operations page, with a command that there is; the rules hold by promtool."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.cli import app
from tests.support.servers.prometheus import missing, promtool

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/alerts.yml"


def alerts() -> dict[str, Any]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def sections() -> dict[str, str]:
    parts = re.split(r"^#{1,3} (.+)$", (ROOT / "docs/operations.md").read_text(), flags=re.MULTILINE)
    return {title.lower().replace(" ", "-"): text for title, text in zip(parts[1::2], parts[2::2], strict=True)}


def commands(text: str) -> Iterator[list[str]]:
    """The words after `python -m ops` up to the first argument, which is in capitals, an option or an address."""
    for words in re.findall(r"python -m ops ([^`\n]+)", text):
        named = []
        for word in words.split():
            if not re.fullmatch(r"[a-z]+", word):
                break
            named.append(word)
        yield named


def is_there(words: list[str]) -> bool:
    found = app
    for word in words:
        try:
            found = found[word]
        except KeyError:
            return False
    return True


@pytest.mark.parametrize("name", alerts())
def test_every_alert_has_its_section_with_a_command(name: str) -> None:
    alert, found = alerts()[name], sections()
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    assert page == "docs/operations.md"
    assert anchor == name.lower()
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert "Look" in found[anchor]
    assert list(commands(found[anchor])), f"{name} names no command of ours"


def test_every_command_of_the_page_is_there() -> None:
    named = list(commands((ROOT / "docs/operations.md").read_text()))
    assert len(named) > 20
    assert [words for words in named if not is_there(words)] == []
    assert not is_there(["no", "such"])


def test_every_section_of_an_alert_is_of_one_that_there_is() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    between = text.partition("\n# Alerts\n")[2].partition("\n# ")[0]
    assert set(re.findall(r"^## (.+)$", between, flags=re.MULTILINE)) == set(alerts())
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert anchor in sections()


def test_every_alert_fires_in_a_unit_test_of_the_rules() -> None:
    tested = (RULES.parent / "alerts_test.yml").read_text()
    assert [name for name in alerts() if name not in tested] == []


@pytest.mark.skipif(bool(missing()), reason=f"no promtool: {missing()}")
def test_the_rules_are_sound_and_fire_when_they_should() -> None:
    for words in (
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
    ):
        run = promtool(RULES.parent, *words)
        assert run.returncode == 0, run.stdout + run.stderr
        assert "SUCCESS" in run.stdout


@pytest.mark.skipif(bool(missing()), reason=f"no promtool: {missing()}")
def test_a_rule_that_is_wrong_fails_its_unit_test(tmp_path: Path) -> None:
    shutil.copytree(RULES.parent, tmp_path / "rules")
    broken = (tmp_path / "rules/alerts.yml").read_text().replace("> 14400", "> 144000")
    (tmp_path / "rules/alerts.yml").write_text(broken)
    assert promtool(tmp_path / "rules", "test", "rules", "alerts_test.yml").returncode != 0


def test_the_dashboard_has_units_thresholds_and_a_row_a_service() -> None:
    panels = json.loads((ROOT / "deploy/grafana/dashboards/jemput-bola.json").read_text())["panels"]
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]
    assert {"requests", "dispatch", "inventory", "notify", "Stok blanko"} <= set(rows)
    shown = [panel for panel in panels if panel["type"] != "row"]
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in shown)
    assert sum(len(panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) > 1 for panel in shown) > 10
    assert len({panel["id"] for panel in panels}) == len(panels)
