"""The parts of a dead letter that can be shown without personal data: headers and keys in the format of `encode`.

Anything in another format may be free text, a person's name included, so it is left out.
"""

import re

from shared.messaging.dead_letter_queue import DeadLetter

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PATTERNS = {
    "ce_specversion": re.compile(r"[0-9]\.[0-9]"),
    "ce_id": _UUID,
    "ce_correlationid": _UUID,
    "ce_causationid": _UUID,
    "ce_source": re.compile(r"/[a-z]{3,20}"),
    "ce_type": re.compile(r"id\.jemputbola\.[A-Za-z]{1,60}\.v[0-9]{1,3}"),
    "ce_time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|[+-][0-9:]{5})"),
    "ce_subject": re.compile(rf"{_UUID.pattern}|[0-9]{{2}}\.[0-9]{{2}}"),
    "ce_sequence": re.compile(r"[0-9]{1,9}"),
    "content-type": re.compile(r"application/json"),
    "traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
}


def redacted_headers(letter: DeadLetter) -> dict[str, str | None]:
    """The known headers by name, with None for a content that does not match its pattern. Others are left out."""
    return {
        name: text if _PATTERNS[name].fullmatch(text) else None for name, text in letter.headers if name in _PATTERNS
    }


def redacted_key(letter: DeadLetter) -> str | None:
    """The record key if it is an id or an office code; None for any other key."""
    key = (letter.key or b"").decode(errors="replace")
    return key if _PATTERNS["ce_subject"].fullmatch(key) else None
