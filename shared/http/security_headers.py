"""The headers of every answer. A page may load what this origin serves and nothing else; an API answer nothing."""

from starlette.types import Message

PAGE_POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; form-action 'self'"
API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_NO_SENSORS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
# Other origins are told nothing of where a person comes from. Under "no-referrer" a form's Origin would be "null", by
# which a browser without Sec-Fetch-Site shows that it asks for a page of this origin (shared/security/cookies.py).
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", _NO_SENSORS.encode()),
]
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NO_STORE = (b"cache-control", b"no-store")
POLICY = b"content-security-policy"


class SecurityHeaders:
    """Adds what an answer lacks; what a route set itself (a cache time, a stricter policy) stays."""

    def __init__(self, form_action: str = "") -> None:
        # A form may also lead to the login provider: browsers apply form-action to redirects too.
        self._page = (POLICY, f"{PAGE_POLICY} {form_action}".rstrip().encode())
        self._api = (POLICY, API_POLICY)

    def add(self, message: Message, *, https: bool) -> None:
        """Complete the headers of a message `http.response.start`."""
        headers = message["headers"] = list(message.get("headers", ()))
        page = cached = policy = False
        for name, value in headers:
            if name == b"content-type":
                page = value.startswith(b"text/html")
            elif name == b"cache-control":
                cached = True
            elif name == POLICY:
                policy = True
        headers += ALWAYS
        if not policy:
            headers.append(self._page if page else self._api)
        if not cached:
            headers.append(NO_STORE)
        if https:
            headers.append(HSTS)
