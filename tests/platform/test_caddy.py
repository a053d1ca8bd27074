"""Caddy serves the Caddyfile it is given, without its admin interface."""

import socket
from pathlib import Path

import httpx
import pytest

from ops.platform import CaddyServer, PlatformError
from ops.platform.caddy import without_admin
from ops.platform.process.ports import HOST, pick_port

CADDYFILE = "http://127.0.0.1:{$PORT} {\n\trespond /hello {$WORD}\n}\n"


def test_it_serves_the_caddyfile_with_its_variables(tmp_path: Path) -> None:
    port = pick_port(set())
    server = CaddyServer(tmp_path, CADDYFILE, port, {"PORT": str(port), "WORD": "halo"})
    server.start()
    try:
        assert httpx.get(f"{server.url}/hello").text == "halo"
        with socket.socket() as admin:
            assert admin.connect_ex((HOST, 2019)) != 0
    finally:
        server.stop()
    assert not server.running


def test_a_wrong_caddyfile_is_quoted(tmp_path: Path) -> None:
    server = CaddyServer(tmp_path, ":1 {\n\tno_such_directive\n}\n", 1)
    with pytest.raises(PlatformError, match="no_such_directive"):
        server.start()


def test_a_global_block_of_its_own_is_kept() -> None:
    text = without_admin("{\n\tadmin localhost:1\n\temail a@b\n}\nrest\n")
    assert text == "{\n\tpersist_config off\n\tadmin localhost:1\n\temail a@b\n}\nrest\n"
    assert without_admin("rest\n") == "{\n\tadmin off\n\tpersist_config off\n}\n\nrest\n"
