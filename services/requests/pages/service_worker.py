"""What makes the portal an app on a device that works without a line: its manifest, and its service worker.

The worker keeps one version of the form, and of the page that stands in for all others while there is no line: both
in both languages, and every file they ask for, by digest. Its own text names them, so a new deployment is a new
worker; it takes over once all of its files are there, and drops the old ones.
"""

import hashlib
import json

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from services.requests.api.dependencies import PoliciesDep
from services.requests.pages.dependencies import STATIC
from services.requests.pages.offline import LANGUAGES, PAGES, render
from shared.http.security_headers import PAGE_POLICY
from shared.security.auth import anyone

FILES = (
    *("look.css", "antrean.css", "bantuan.css", "form.css", "icon.svg", "kuno.js", "slip.css"),
    *("form.js", "form-consent.js", "form-copy.js", "form-done.js", "form-drafts.js", "form-errors.js"),
    *("form-known.js", "form-nik.js", "form-number.js", "form-photos.js", "form-picker.js", "form-residents.js"),
    *(
        "form-rules.js",
        "antrean.js",
        "antrean-codes.js",
        "antrean-line.js",
        "antrean-photos.js",
        "antrean-sending.js",
    ),
    *("antrean-store.js", "bantuan.js", "days.js", "luring.js", "moment.js", "numbers.js", "shrink.js"),
    *("slip-device.js", "upload.js"),
)
"""All that the kept pages ask for; a test opens them without a line."""
SIZES = (192, 512)

router = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@router.get("/sw.js")
def worker(request: Request, policies: PoliciesDep) -> Response:
    """The service worker. Browsers ask for it at each visit, and once a day."""
    pages = [(page, language) for page in PAGES for language in LANGUAGES]
    kept = [
        *(page.address(language) for page, language in pages),
        "/manifest.webmanifest",
        *(STATIC.address(name) for name in FILES),
    ]
    trial = not request.app.state.production
    shells = [render(page, language, policies, trial=trial) for page, language in pages]
    whole = "\n".join((*kept, *shells, json.dumps(_manifest())))
    version = hashlib.sha256(whole.encode()).hexdigest()[:16]
    head = f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(kept)};\n"
    headers = {
        "Cache-Control": "no-cache",
        "Service-Worker-Allowed": "/",
        # What a worker may load is said by its own script's answer.
        "Content-Security-Policy": PAGE_POLICY,
    }
    return Response(head.encode() + STATIC.content("sw.js"), media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """The app as a device shows it among others."""
    return JSONResponse(_manifest(), media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


def _manifest() -> dict[str, object]:
    icons = [
        {
            "src": STATIC.address(f"{kind}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for kind, purpose in (("icon", "any"), ("icon-maskable", "maskable"))
        for size in SIZES
    ]
    return {
        "id": "/permohonan",
        "name": "Jemput Bola: permohonan",
        "short_name": "Jemput Bola",
        "lang": "id",
        "start_url": "/permohonan",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f1",
        "theme_color": "#0b6e69",
        "icons": icons,
    }


@router.get("/permohonan/denyut", status_code=204)
def pulse() -> Response:
    """The line is there: asked by pages that say whether it is."""
    return Response(status_code=204)
