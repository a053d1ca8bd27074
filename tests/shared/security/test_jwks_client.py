"""Keys by URL, from a real server: they rotate, a flood of unknown keys asks once, and an outage forgets nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from shared.problems import Unauthorized
from shared.security.jwks_client import JwksClient
from shared.security.tokens import TokenPolicy
from shared.security.trusted_keys import TrustedKeys
from tests.support.signers import Signer, jwks


@dataclass
class Publisher:
    """A provider's JWK set on a port of its own; counts who asks, and can be away."""

    content: str = ""
    asked: int = 0
    status: str = "200 OK"
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = self.content.encode()
        writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    made = Publisher()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
    yield made
    server.close()


async def _who(source: JwksClient, token: str) -> str:
    return (await source.ask(lambda keys: keys.identify(token))).subject


async def test_keys_rotate_and_the_old_one_counts_no_more(publisher: Publisher) -> None:
    old, new = Signer.new(kid="lama"), Signer.new("RS256", kid="baru")
    source = JwksClient(publisher.url, TokenPolicy(), again=0)
    publisher.content = jwks(old)
    assert await _who(source, old.token()) == "siti"
    publisher.content = jwks(old, new)
    assert await _who(source, new.token()) == "siti"
    assert await _who(source, old.token()) == "siti"
    publisher.content = jwks(new)
    with pytest.raises(Unauthorized):
        await _who(source, Signer.new(kid="asing").token())
    with pytest.raises(Unauthorized):
        await _who(source, old.token())


async def test_an_old_set_is_read_again_though_every_key_is_known(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Signer.new(kid="lama")
    source = JwksClient(publisher.url, TokenPolicy(), again=0)
    publisher.content = jwks(old)
    await _who(source, old.token())
    publisher.content = jwks(Signer.new(kid="baru"))
    monkeypatch.setattr("shared.security.jwks_client.FRESH", 0)

    async def withdrawn() -> bool:
        try:
            await _who(source, old.token())
        except Unauthorized:
            return True
        return False

    from tests.support.polling import until

    await until(withdrawn, timeout=10, what="the withdrawn key counts no more")


async def test_a_flood_of_unknown_keys_asks_once(publisher: Publisher) -> None:
    known = Signer.new(kid="satu")
    source = JwksClient(publisher.url, TokenPolicy(), again=60)
    publisher.content = jwks(known)
    forged = [Signer.new(kid=f"palsu{number}").token() for number in range(50)]
    answers = await asyncio.gather(*(_who(source, token) for token in forged), return_exceptions=True)
    assert all(isinstance(answer, Unauthorized) for answer in answers)
    assert publisher.asked == 1
    assert await _who(source, known.token()) == "siti"


@pytest.mark.parametrize("status", ["500 Oops", "302 Found"])
@pytest.mark.parametrize("content", ["", "bukan json", '{"keys": []}', "x" * 300_000])
async def test_while_the_provider_is_away_its_last_keys_count(
    publisher: Publisher, status: str, content: str
) -> None:
    known = Signer.new()
    source = JwksClient(publisher.url, TokenPolicy(), again=0)
    publisher.content = jwks(known)
    await _who(source, known.token())
    publisher.status = status if not content else "200 OK"
    publisher.content = content
    with pytest.raises(Unauthorized):
        await _who(source, Signer.new(kid="asing").token())
    assert publisher.asked == 2
    assert await _who(source, known.token()) == "siti"


@pytest.mark.parametrize(("kid", "production"), [("sesi", False), ("sesi", True), ("dev", True)])
async def test_a_provider_cannot_publish_the_keys_of_this_system(
    publisher: Publisher, kid: str, production: bool
) -> None:
    ours, good = Signer.new(kid=kid), Signer.new()
    publisher.content = jwks(ours, good)
    ring = TrustedKeys(None, publisher.url, TokenPolicy(), production=production, again=0)
    assert (await ring.bearer(good.token())).subject == "siti"
    with pytest.raises(Unauthorized):
        await ring.bearer(ours.token())
    with pytest.raises(Unauthorized):
        ring.session(ours.token(aud="jemput-bola/sesi"))
