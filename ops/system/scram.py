"""Names and passwords on the brokers (SCRAM-SHA-512, RFC 5802): a broker keeps a salted proof, never the password.

aiokafka has no such request, so it is spelt here: AlterUserScramCredentials, version 0, by Kafka's own protocol.
"""

import hashlib
import secrets
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from ops.platform import PlatformError

SHA_512 = 2
ITERATIONS = 8192
"""A guess costs this many hashes. Kafka takes 4,096 to 16,384."""
_END = ("tags", TaggedFields)


class _AlterResponse(Response):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                _END,
            ),
        ),
        _END,
    )


class _Alter(RequestStruct):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _AlterResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), _END)),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                _END,
            ),
        ),
        _END,
    )


class _AlterRequest(Request[_Alter]):  # type: ignore[misc]
    API_KEY = 51

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = passwords

    def build(self, request_struct_class: type[_Alter]) -> _Alter:
        upsertions: list[tuple[object, ...]] = []
        for name, password in self._passwords.items():
            salt = secrets.token_bytes(24)
            salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
            upsertions.append((name, SHA_512, ITERATIONS, salt, salted, {}))
        return request_struct_class([], upsertions, {})


async def set_passwords(admin: AIOKafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Make these users, or give them a new password; connections that are open stay open.

    Raises PlatformError with the broker's word when it refuses one.
    """
    answer = await admin._send_request(_AlterRequest(passwords))
    for name, code, message, _ in answer.results:
        if code:
            raise PlatformError(f"user {name} cannot be made: {code} {message}", "see the broker's log")
