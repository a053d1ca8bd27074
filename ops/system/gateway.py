"""One origin for all services: /api/<service>/... reaches that service without the prefix."""

from collections.abc import Mapping


def caddyfile(port: int, upstreams: Mapping[str, str]) -> str:
    """The Caddyfile of the development origin. `upstreams` maps a service to host:port."""
    routes = "".join(
        f"\thandle_path /api/{name}/* {{\n\t\treverse_proxy {address}\n\t}}\n" for name, address in upstreams.items()
    )
    return (
        "{\n\tauto_https off\n}\n\n"
        f"http://127.0.0.1:{port} {{\n{routes}"
        '\thandle {\n\t\trespond "Jemput Bola: /api/<layanan>/..." 404\n\t}\n}\n'
    )
