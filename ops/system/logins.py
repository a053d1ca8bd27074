"""The logins that a development system offers as buttons: one a role and office, as a file of signed tokens.

The requests service reads the file and has no key to sign with; in production it refuses the setting.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from ops.system.keys import Issuer
from shared.reference.offices import Offices
from shared.reference.regions import kelurahan_of
from shared.security.identity import OF_AN_OFFICE, Role

FILE = "development.logins"
LIFETIME = timedelta(days=30)
"""Longer than most systems for trying out run without a new start, which makes new tokens."""
OF_OFFICE = [role for role in Role if role in OF_AN_OFFICE]


def write(issuer: Issuer) -> Path:
    """Write the file beside the keys, for its owner only. Raises PlatformError in production."""
    file = issuer.folder / FILE
    tokens = [issuer.token(role, wilayah, ttl=LIFETIME) for role, wilayah in _everyone(Offices.load())]
    file.touch(mode=0o600)
    file.write_text("".join(f"{token}\n" for token in tokens))
    return file


def _everyone(offices: Offices) -> Iterator[tuple[Role, str]]:
    """Every role and its wilayah: for each office, its first kelurahan too; then for the provinces and the nation."""
    for office in offices:
        for role in OF_OFFICE:
            yield role, office.code
        for kelurahan in kelurahan_of(office.code)[:1]:
            yield Role.OPERATOR, kelurahan.code
    for province in dict.fromkeys(office.province for office in offices):
        yield Role.PROVINCIAL, province
    yield Role.OPS, ""
