"""The routes of the login room: in, back from the provider, on with a session, and out.

All are open: whoever comes has no session yet, or is about to lose it. What changes something for a person is
done for a page of the same origin only.
"""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.requests.api.dependencies import Dependencies, Deps
from services.requests.login import development, errand, pages, sessions
from services.requests.login.errand import LoginAttempt
from services.requests.login.oidc import LoginGrant, LoginRefused, ProviderUnavailable
from services.requests.login.room import PATH, LoginConfig
from services.requests.store.sessions import Session
from shared.database.pool import Database
from shared.http.dependencies import Db, dependencies_of
from shared.problems import NotFound, Unauthorized
from shared.security.auth import anyone
from shared.security.cookies import cookie_of, local_path, must_be_same_origin
from shared.system_clock import utc_now

FORM_BYTES = 16 * 1024
ASK_ADMIN = "Hubungi admin Dukcapil Anda agar peran dan wilayah akun Anda diatur, lalu coba lagi."
AWAY = "Penyedia login tidak menjawab. Pekerjaan Anda tidak hilang.", "Tunggu sebentar, lalu coba lagi."
AGAIN = "Mulai masuk dari awal; bila terulang, tutup tab lain yang sedang masuk."


async def _room(deps: Deps) -> LoginConfig:
    if deps.login is None:
        raise NotFound("masuk lewat halaman belum disiapkan: SESSION_KEY_FILE")
    return deps.login


Login = Annotated[LoginConfig, Depends(_room)]
router = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)


@router.get(PATH)
async def enter(request: Request, room: Login, db: Db, kembali: str = "/") -> Response:
    """On to where the person wanted: with a session that goes on, or by way of the provider."""
    to = local_path(kembali)
    try:
        session = await _session(request, room, db)
        if session is not None:
            return _welcome(room, to, session)
        if room.provider is not None:
            attempt = LoginAttempt.new(to, utc_now())
            url = await room.provider.authorization_url(attempt.state, attempt.nonce, attempt.verifier)
            answer = _to(url)
            room.remember(answer, attempt)
            return answer
    except ProviderUnavailable:
        return pages.refusal(request, 503, *AWAY, to)
    if request.app.state.production:
        return pages.refusal(request, 503, "Penyedia login belum disiapkan.", "Pengelola sistem mengisi OIDC_ISSUER.")
    return await _development_form(request, room, to)


@router.post(PATH)
async def enter_with_token(request: Request, room: Login, db: Db) -> Response:
    """The development login: by a button, or a pasted token. There is none in production, nor beside a provider."""
    if request.app.state.production or room.provider is not None:
        raise NotFound("tidak ada masuk dengan token di sini")
    must_be_same_origin(request)
    form = parse_qs((await request.body())[:FORM_BYTES].decode(errors="replace"))
    to, name, token = (form.get(field, [""])[0].strip() for field in ("kembali", "sebagai", "token"))
    to, keys = local_path(to), request.app.state.keys
    try:
        who = await development.chosen(name, room.tokens, keys) if name else await keys.bearer(token)
    except Unauthorized as error:
        return await _development_form(request, room, to, f"Token ditolak: {error.detail}.")
    return await _begin(room, db, to, LoginGrant(who, None))


@router.get(f"{PATH}/kembali")
async def come_back(
    request: Request, room: Login, db: Db, state: str = "", code: str = "", error: str = "", iss: str = ""
) -> Response:
    """Back from the provider, with a code for the login that this very browser began."""
    name = errand.cookie_of(state)
    cookie = request.cookies.get(room.attempt_cookie(name), "")
    known = errand.opened(room.key, cookie, state, utc_now()) if name else None
    if known is None or room.provider is None or (iss and iss != room.provider.issuer):
        return pages.refusal(request, 400, "Permintaan masuk ini tidak dikenal atau sudah terlalu lama.", AGAIN)
    try:
        if error or not code:
            raise LoginRefused("penyedia login tidak memberi izin masuk")
        answer = await _begin(room, db, known.to, await room.provider.redeem(code, known.verifier, known.nonce))
    except LoginRefused as refused:
        answer = pages.refusal(request, 403, f"{str(refused).capitalize()}.", ASK_ADMIN, known.to)
    except ProviderUnavailable:
        answer = pages.refusal(request, 503, *AWAY, known.to)
    room.forget(answer, name)
    return answer


@router.post(f"{PATH}/segarkan")
async def refresh(request: Request, room: Login, db: Db) -> Response:
    """Go on with the session, for a page that stays open: 204 with a new cookie, 401 when the session is over."""
    must_be_same_origin(request)
    try:
        session = await _session(request, room, db)
    except ProviderUnavailable as error:
        raise TimeoutError("the login provider does not answer") from error
    if session is None:
        raise Unauthorized("sesi sudah berakhir; masuk lagi")
    answer = Response(status_code=204, headers=pages.HEADERS)
    room.show(answer, session, utc_now())
    return answer


@router.post("/keluar")
async def leave(request: Request, room: Login, db: Db) -> Response:
    """The session ends here, in the browser, and at the provider."""
    must_be_same_origin(request)
    shown = cookie_of(request)
    session = room.key.session_of(shown) if shown else None
    try:
        if session is not None:
            await sessions.leave(db, room.key, room.provider, bytes.fromhex(session))
        onward = await room.provider.logout_url(f"{room.origin}{PATH}/selesai") if room.provider else None
    except ProviderUnavailable:
        onward = None
    answer = pages.logged_out(request, onward)
    room.clear(answer)
    return answer


@router.get(f"{PATH}/selesai")
def finished(request: Request) -> Response:
    """Back from the provider, out."""
    return pages.logged_out(request)


async def _session(request: Request, room: LoginConfig, db: Database) -> Session | None:
    secret = request.cookies.get(room.refresh_cookie)
    if not secret:
        return None
    return await sessions.current(db, room.key, room.provider, secret, room.lifetime)


async def _development_form(request: Request, room: LoginConfig, to: str, trouble: str = "") -> Response:
    offices = dependencies_of(request, Dependencies).offices
    groups = await development.offered(room.tokens, request.app.state.keys, offices)
    return pages.development_form(request, to, groups, trouble)


async def _begin(room: LoginConfig, db: Database, to: str, grant: LoginGrant) -> Response:
    secret, session = await sessions.begin(db, room.key, grant, room.length)
    answer = _welcome(room, to, session)
    room.keep(answer, secret, session, utc_now())
    return answer


def _welcome(room: LoginConfig, to: str, session: Session) -> Response:
    answer = _to(to)
    room.show(answer, session, utc_now())
    return answer


def _to(where: str) -> RedirectResponse:
    return RedirectResponse(where, 303, pages.HEADERS)
