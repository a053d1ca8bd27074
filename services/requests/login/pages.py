"""The few pages of the login room: plain HTML without a script, under a policy that allows none."""

from html import escape
from pathlib import Path
from urllib.parse import quote

from fastapi.responses import HTMLResponse

STYLE = (Path(__file__).parent / "masuk.css").read_text()
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def refusal(status: int, why: str, what_to_do: str, to: str = "/") -> HTMLResponse:
    """Nobody came in: why, and what to do."""
    again = f'<a class="button" href="/masuk?kembali={quote(to, safe="/")}">Coba masuk lagi</a>'
    return _page("Belum bisa masuk", f"<p>{escape(why)}</p><p>{escape(what_to_do)}</p><p>{again}</p>", status)


def token_form(to: str, trouble: str = "") -> HTMLResponse:
    """The development login: whoever has a development token is who it says."""
    told = f'<p class="trouble" role="alert" id="trouble">{escape(trouble)}</p>' if trouble else ""
    return _page(
        "Masuk (pengembangan)",
        f"{told}<p>Sistem ini berjalan untuk pengembangan. Buat token dengan"
        " <code>python -m ops token operator --wilayah 17.02</code>, lalu tempel di sini.</p>"
        f'<form method="post" action="/masuk"><input type="hidden" name="kembali" value="{escape(to)}">'
        '<label for="token">Token pengembangan</label>'
        '<textarea id="token" name="token" rows="5" required autocomplete="off" spellcheck="false"></textarea>'
        "<button>Masuk</button></form>",
        422 if trouble else 200,
    )


def farewell(onward: str | None = None) -> HTMLResponse:
    """The person is out here; the browser goes on to end its session at the provider too.

    By a refresh rather than a redirect: form-action 'self' forbids a form to be redirected to another site.
    """
    link = f'<p><a href="{escape(onward)}">Keluar juga dari penyedia login</a></p>' if onward else ""
    page = _page("Anda sudah keluar", f'{link}<p><a class="button" href="/masuk">Masuk lagi</a></p>', 200)
    if onward:
        page.headers["Refresh"] = f"0; url={onward}"
    return page


def _page(title: str, body: str, status: int) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Jemput Bola</title>"
        '<link rel="stylesheet" href="/masuk/masuk.css"></head>'
        f'<body><main><p class="name">Jemput Bola</p><h1>{title}</h1>{body}</main></body></html>',
        status,
        HEADERS,
    )
