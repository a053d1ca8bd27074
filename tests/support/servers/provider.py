"""A certified OpenID provider (npm oidc-provider) as a process, and a browser that logs in at it."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from ops.platform.process.ports import PortBook
from tests.support.polling import until
from tests.support.servers.npm import NODE, installed

SOURCE = Path(__file__).parents[2] / "oidc"
CLIENT_ID, SECRET = "jemput-bola", "rahasia: dengan tanda/baca+"
ORIGIN = "https://jemput.test"


class OpenIdProvider:
    """The provider's address, and its accounts: subject -> claims."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    async def has(self, **accounts: dict[str, Any]) -> None:
        """These accounts and no others; who is not among them is deactivated."""
        async with httpx.AsyncClient() as http:
            (await http.post(f"{self.issuer}/test/accounts", json=accounts)).raise_for_status()


def _start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    home, script = installed(SOURCE), SOURCE / "provider.mjs"
    shutil.copy(script, home / script.name)
    with (folder / "provider.log").open("wb") as log:
        return subprocess.Popen(
            [NODE, script.name, str(port), f"{ORIGIN}/masuk/kembali", f"{ORIGIN}/masuk/selesai"],
            cwd=home,
            stdout=log,
            stderr=log,
        )


@asynccontextmanager
async def provider(folder: Path) -> AsyncIterator[OpenIdProvider]:
    """A provider on a port of its own; its log is in `folder`."""
    [port] = PortBook(folder / "ports.json").settle("oidc")
    process = _start(folder, port)
    try:
        found = OpenIdProvider(f"http://127.0.0.1:{port}")

        async def answers() -> bool:
            try:
                await found.has()
            except httpx.HTTPError:
                return False
            return True

        await until(answers, what="the provider answers")
        yield found
    finally:
        process.kill()
        process.wait()


class Browser:
    """Cookies, redirects by hand, and the headers that browsers add."""

    def __init__(self, app: Any) -> None:
        self.http = httpx.AsyncClient(mounts={f"all://{ORIGIN[8:]}": httpx.ASGITransport(app)}, timeout=30)

    async def open(self, url: str) -> httpx.Response:
        """A page, as by a click; redirects are not followed."""
        headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html"}
        return await self.http.get(urljoin(ORIGIN, url), headers=headers)

    async def send(self, url: str, form: dict[str, str] | None = None, site: str = "same-origin") -> httpx.Response:
        """A form of one of our pages."""
        return await self.http.post(urljoin(ORIGIN, url), data=form, headers={"Sec-Fetch-Site": site})

    async def log_in(
        self, subject: str, door: str, change: Callable[[str], str] = lambda address: address
    ) -> httpx.Response:
        """From the door of the provider through its forms; `change` may bend the way back. Returns what we answer."""
        answer = await self.open(door)
        for _ in range(12):
            if answer.is_redirect:
                onward = urljoin(str(answer.request.url), answer.headers["location"])
                if onward.startswith(ORIGIN):
                    return await self.open(change(onward))
                answer = await self.open(onward)
                continue
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action, answer.text
            assert prompt, answer.text
            form = {"prompt": prompt[1], "login": subject, "password": "apa saja"}
            answer = await self.http.post(urljoin(str(answer.request.url), action[1]), data=form)
        raise AssertionError(f"no way back: {answer.status_code} {answer.text}")
