"""The rules that an input broke, in Indonesian, each with its bound. Never the value: it may be personal.

A table from pydantic's type of error to a sentence; a test walks what the bodies and queries of all services can
break, and refuses a type or a pattern without a sentence here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

OTHER = "tidak memenuhi aturan isian ini"
"""For a type of error that the table does not know."""

_DATE = "harus tanggal TTTT-BB-HH, misalnya 2026-04-06"
_MOMENT = "harus waktu dengan zona, misalnya 2026-04-06T08:00:00+07:00"
_OBJECT = "harus objek JSON"
_LIST = "harus daftar"
_WHOLE = "harus bilangan bulat"
_NUMBER = "harus angka"

SENTENCES: Mapping[str, str] = {
    "missing": "wajib diisi",
    "extra_forbidden": "tidak dikenal; hapus isian ini",
    "json_invalid": "harus JSON yang sah",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": "paling sedikit {min_length} butir",
    "too_long": "paling banyak {max_length} butir",
    "string_type": "harus teks",
    "string_unicode": "harus teks Unicode yang sah",
    "string_too_short": "paling sedikit {min_length} huruf",
    "string_too_long": "paling banyak {max_length} huruf",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": "harus bilangan bulat, tanpa pecahan",
    "int_parsing_size": "bilangan terlalu panjang",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "harus bilangan berhingga",
    "bool_type": "harus true atau false",
    "bool_parsing": "harus true atau false",
    "enum": "harus salah satu dari: {expected}",
    "union_tag_invalid": "harus salah satu dari: {expected_tags}",
    "union_tag_not_found": "wajib diisi",
    "literal_error": "harus salah satu dari: {expected}",
    "uuid_type": "harus UUID",
    "uuid_parsing": "harus UUID",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": "harus menyebut zona waktu, misalnya +07:00",
    "greater_than": "lebih dari {gt}",
    "greater_than_equal": "paling kecil {ge}",
    "less_than": "kurang dari {lt}",
    "less_than_equal": "paling besar {le}",
}
_TIMES = {
    "greater_than_equal": "paling awal {ge}",
    "less_than": "sebelum {lt}",
}

PATTERNS: Mapping[str, str] = {
    r"^[0-9]{2}$": "kode provinsi Kemendagri: 2 angka, misalnya 17",
    r"^[0-9]{2}\.[0-9]{2}$": "kode kantor Kemendagri PP.KK, misalnya 17.02",
    r"^[0-9]{2}(\.[0-9]{2})?$": "kode provinsi PP atau kantor PP.KK, misalnya 17 atau 17.02",
    r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$": "kode kelurahan/desa PP.KK.CC.VVVV, misalnya 17.02.06.1004",
    r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$": "kode wilayah, misalnya 17, 17.02 atau 17.02.06",
    r"^([0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?)?$": "kode wilayah, misalnya 17 atau 17.02, atau kosong",
    r"^[A-Z]{1,3}[0-9]{1,3}$": "1-3 huruf besar lalu 1-3 angka, misalnya P1",
    r"^[A-Z][A-Z0-9]{5,15}$": "nomor seri blangko: huruf besar, lalu 5-15 huruf besar atau angka",
}
_LINE = re.compile(r"\^\[\^\\x00-\\x1f\\x7f]\{(\d+),(\d+)}\$")
"""A pattern of our own that keeps line breaks and control characters out of a text."""
_NAME = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]{0,39}")


def rule_of(error: Mapping[str, Any]) -> str:
    """The sentence for one of pydantic's errors."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    if kind == "string_pattern_mismatch":
        return pattern_rule(str(context.get("pattern")))
    bounds = {name: _shown(value) for name, value in context.items()}
    dated = any(isinstance(value, date) for value in context.values())
    sentence = (_TIMES.get(kind) if dated else None) or SENTENCES.get(kind, OTHER)
    return sentence.format_map(bounds)


def field_of(error: Mapping[str, Any], sent: object = None) -> str:
    """The path of a field, as "residents.3.nik". A key that is no name is the caller's own text, and left out.

    `sent` is the body: by it the name of a union's member, which pydantic puts into the path, is told from a field.
    """
    where, *path = error["loc"]
    if error["type"] == "json_invalid":
        return str(where)
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        path.append(str(error["ctx"]["discriminator"]).strip("'"))
    parts = _fields(path, sent)
    named = (str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?" for part in parts)
    return ".".join(named) or str(where)


def _fields(path: Sequence[str | int], sent: object) -> Iterator[str | int]:
    """The parts of a path that are keys. Only the last may be one that was not sent: a field that is missing."""
    for number, part in enumerate(path):
        if isinstance(sent, Mapping) and part not in sent and number < len(path) - 1:
            continue
        yield part
        sent = sent.get(part) if isinstance(sent, Mapping) else None


def pattern_rule(pattern: str) -> str:
    """What a pattern asks for, in words."""
    line = _LINE.fullmatch(pattern)
    if line:
        return f"{line[1]} sampai {line[2]} huruf dalam satu baris"
    return PATTERNS.get(pattern, OTHER)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).replace(" or ", " atau ")
