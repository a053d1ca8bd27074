"""One origin for all services: /api/<service>/... reaches that service without the prefix.

The pages that every service has go to the first that answers.
"""

from collections.abc import Mapping


def caddyfile(port: int, upstreams: Mapping[str, str]) -> str:
    """The Caddyfile of the development origin. `upstreams` maps a service to host:port."""
    routes = "".join(
        f"\thandle_path /api/{name}/* {{\n\t\treverse_proxy {address}\n\t}}\n" for name, address in upstreams.items()
    )
    anyone = " ".join(upstreams.values())
    routes += (
        f"\t@pages path /operasi /web/*\n\thandle @pages {{\n\t\treverse_proxy {anyone} {{\n"
        "\t\t\tlb_policy first\n\t\t\tlb_try_duration 3s\n\t\t\tfail_duration 10s\n\t\t}\n\t}\n"
    )
    return (
        "{\n\tauto_https off\n}\n\n"
        f"http://127.0.0.1:{port} {{\n{routes}"
        '\thandle {\n\t\trespond "Jemput Bola: /api/<layanan>/..." 404\n\t}\n}\n'
    )
