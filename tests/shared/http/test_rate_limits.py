"""How often: by subject where the token is good, by address otherwise, and hardly at all for guesses."""

from collections.abc import Callable

import httpx
import pytest
from pydantic import ValidationError

from ops.system import Issuer
from shared.http.counters import MemoryCounters
from shared.http.protocol import make_server
from shared.http.rate_limits import network
from shared.security.auth import Role
from tests.shared.http.edge import app, client, told
from tests.support.polling import until
from tests.support.town import serving

Token = Callable[..., dict[str, str]]


async def statuses(http: httpx.AsyncClient, count: int, path: str = "/open", **headers: str) -> list[int]:
    return [(await http.get(path, headers=headers)).status_code for _ in range(count)]


async def test_a_subject_is_counted_over_all_its_tokens_and_addresses(issuer: Issuer, token: Token) -> None:
    at = client(told(issuer, rate_subject="4/minute", rate_address="2/minute"))
    first, other = token(Role.OPS, subject="ani"), token(Role.OPS, subject="budi")
    second = token(Role.OPS, "17", subject="ani")
    assert first != second
    # The first request with a token is counted by address: only its answer says whose it is.
    assert await statuses(at("192.0.2.1"), 1, "/things", **first) == [200]
    assert await statuses(at("192.0.2.2"), 1, "/things", **second) == [200]
    assert await statuses(at("192.0.2.3"), 2, "/things", **first) == [200, 200]
    assert await statuses(at("192.0.2.1"), 3, "/things", **second) == [200, 200, 429]
    assert await statuses(at("192.0.2.4"), 3, "/things", **other) == [200, 200, 200]


async def test_without_a_token_addresses_are_counted_but_no_probes(issuer: Issuer) -> None:
    at = client(told(issuer, rate_address="2/minute"))
    assert await statuses(at("192.0.2.1"), 3) == [200, 200, 429]
    assert await statuses(at("192.0.2.2"), 2) == [200, 200]
    assert await statuses(at("192.0.2.1"), 5, "/health/live") == [200] * 5
    assert await statuses(at("2001:db8::1"), 2) + await statuses(at("2001:db8::ffff:2"), 1) == [200, 200, 429]
    assert await statuses(at("2001:db8:0:1::1"), 1) == [200]


async def test_a_refusal_says_when_to_come_back_and_then_all_is_well(issuer: Issuer) -> None:
    http = client(told(issuer, rate_address="1 per 2 seconds"))()
    await http.get("/open")
    refused = await http.get("/open")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["title"] == "Terlalu banyak permintaan"
    assert int(refused.headers["retry-after"]) in (1, 2)
    assert refused.headers["ratelimit-policy"] == '"address";q=1;w=2'
    assert refused.headers["x-content-type-options"] == "nosniff"

    async def again() -> bool:
        return (await http.get("/open")).status_code == 200

    await until(again, timeout=10, what="the next window")


async def test_guessing_is_limited_and_colleagues_are_not(issuer: Issuer, token: Token) -> None:
    at = client(told(issuer, rate_failures="3/minute"))
    good, office = token(Role.OPS), at("192.0.2.1")
    assert await statuses(office, 1, "/things", **good) == [200]
    guesses = [(await office.get("/things", headers={"Authorization": f"Bearer x{n}"})).status_code for n in range(5)]
    assert guesses == [401, 401, 401, 429, 429]
    assert await statuses(office, 1) == [429]
    assert await statuses(office, 5, "/things", **good) == [200] * 5
    assert await statuses(at("192.0.2.2"), 1, "/things", Authorization="Bearer x") == [401]


async def test_a_forged_token_never_uses_up_its_subject_s_share(issuer: Issuer, token: Token) -> None:
    at = client(told(issuer, rate_subject="2/minute", rate_failures=""))
    good = token(Role.OPS, subject="ani")
    forged = good["Authorization"][:-4] + "AAAA"
    assert await statuses(at("192.0.2.9"), 20, "/open", Authorization=forged) == [200] * 20
    assert await statuses(at("192.0.2.1"), 3, "/things", **good) == [200] * 3


def test_only_a_trusted_proxy_may_say_whose_address_it_is(issuer: Issuer) -> None:
    for trusted, last in (("127.0.0.1", 200), ("203.0.113.0/24", 429)):
        settings = told(issuer, rate_address="1/minute", trusted_proxies=trusted)
        with serving({"uji": make_server(app(settings), settings)}) as urls:
            hosts = ("198.51.100.1", "198.51.100.2")
            answers = [httpx.get(f"{urls['uji']}/open", headers={"X-Forwarded-For": host}) for host in hosts]
            assert [answer.status_code for answer in answers] == [200, last]


def test_a_rate_that_is_none_is_refused_at_the_start(issuer: Issuer) -> None:
    with pytest.raises(ValidationError, match="rate_subject"):
        told(issuer, rate_subject="often")


def test_windows_that_are_over_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("shared.http.counters.time.time", lambda: now)
    counters = MemoryCounters()
    assert [counters.incr("a", 60), counters.incr("a", 60), counters.incr("b", 10)] == [1, 2, 1]
    assert (counters.get("a"), counters.get_expiry("a")) == (2, 1060)
    now = 1060.0
    assert (counters.get("a"), counters.incr("b", 10)) == (0, 1)
    assert counters.reset() == 1


def test_an_address_is_a_network_of_ipv6() -> None:
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::%eth0") == "2001:db8:1:2::/64"
    assert network("not:an:address") == "not:an:address"
