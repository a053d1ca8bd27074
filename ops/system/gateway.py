"""One origin for all services: /api/<service>/... reaches that service without the prefix.

`deploy/Caddyfile` is the origin of production; here it is told where a development system's parts are.
"""

from collections.abc import Mapping

from ops.paths import ROOT
from ops.system.services import HOST


def caddyfile() -> str:
    """The origin's Caddyfile."""
    return (ROOT / "deploy" / "Caddyfile").read_text()


def variables(port: int, upstreams: Mapping[str, str]) -> dict[str, str]:
    """What its placeholders stand for. `upstreams` maps a service to host:port."""
    places = {f"{name.upper()}_UPSTREAM": address for name, address in upstreams.items()}
    return {"SITE_ADDRESS": f"http://{HOST}:{port}", "OTHER_NAMES": f"http://:{port}", "BIND": HOST, **places}
