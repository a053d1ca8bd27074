"""What leaves a service: security headers always, and each error as problem+json in Indonesian."""

import httpx
import pytest

from ops.system import Issuer
from tests.shared.http.edge import SECRET, app, client, told

PROBLEM = "application/problem+json"


@pytest.fixture
def http(issuer: Issuer) -> httpx.AsyncClient:
    return client(told(issuer, csp_form_action="https://masuk.example"))()


@pytest.mark.parametrize(
    ("headers", "is_page"),
    [
        ({"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}, True),
        ({"Accept": "text/html,application/xhtml+xml"}, True),  # a browser of before 2020
        ({"Accept": "*/*"}, False),
        ({"Accept": "application/json"}, False),
        ({"Sec-Fetch-Mode": "cors", "Accept": "text/html"}, False),
        ({"Sec-Fetch-Mode": "navigate", "HX-Request": "true", "Accept": "text/html"}, False),
    ],
)
async def test_a_person_gets_a_page_and_a_program_a_problem(
    http: httpx.AsyncClient, headers: dict[str, str], is_page: bool
) -> None:
    answer = await http.get("/nowhere", headers=headers, params={"bahasa": "en"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html" if is_page else PROBLEM)
    if is_page:
        assert "There is no such page" in answer.text
        assert 'href="/"' in answer.text
        assert answer.headers["cache-control"] == "no-store"
    # What only whoever wrote the request can mend stays a problem.
    assert (await http.get("/things", headers=headers)).headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "title"),
    [
        ("GET", "/nowhere", {}, 404, "Tidak ditemukan"),
        ("GET", "/things/", {}, 404, "Tidak ditemukan"),
        ("GET", "/docs", {}, 404, "Tidak ditemukan"),
        ("PUT", "/things", {}, 405, "Cara ini tidak tersedia"),
        ("GET", "/things", {}, 401, "Belum masuk"),
        (
            "POST",
            "/things",
            {"content": b"{", "headers": {"Content-Type": "application/json"}},
            422,
            "Isian tidak sah",
        ),
        ("POST", "/things", {"data": {"name": "x"}}, 415, "Jenis isi tidak didukung"),
        ("POST", "/things", {"content": b'{"name":"x"}', "headers": {"Content-Type": "text/plain"}}, 415, None),
        ("POST", "/things", {"json": {}}, 422, "Isian tidak sah"),
        ("POST", "/things", {"json": {"name": "x" * 2_100_000}}, 413, "Isi permintaan terlalu besar"),
        ("GET", "/broken", {}, 500, "Kesalahan sistem"),
    ],
)
async def test_an_error_is_a_problem(
    http: httpx.AsyncClient, method: str, path: str, more: dict[str, object], status: int, title: str | None
) -> None:
    answer = await http.request(method, path, **more)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    problem = answer.json()
    assert problem["status"] == status
    assert title in (None, problem["title"])
    assert problem["detail"]
    assert SECRET not in answer.text
    must_have_headers(answer)


def must_have_headers(answer: httpx.Response) -> None:
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


async def test_a_good_answer_has_the_headers_too(http: httpx.AsyncClient) -> None:
    must_have_headers(await http.get("/open"))


async def test_a_page_loads_from_this_origin_and_keeps_its_cache_time(http: httpx.AsyncClient) -> None:
    page = await http.get("/page")
    (policy,) = page.headers.get_list("content-security-policy")
    assert policy == (
        "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none';"
        " form-action 'self' https://masuk.example"
    )
    assert page.headers.get_list("cache-control") == ["private"]


async def test_over_https_browsers_are_told_to_stay_there(issuer: Issuer) -> None:
    transport = httpx.ASGITransport(app(told(issuer)))
    async with httpx.AsyncClient(transport=transport, base_url="https://uji") as http:
        assert "max-age=31536000" in (await http.get("/open")).headers["strict-transport-security"]


async def test_what_can_be_got_can_be_asked_about(http: httpx.AsyncClient) -> None:
    head, get = await http.head("/open"), await http.get("/open")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert (await http.head("/nowhere")).status_code == 404
    options = await http.options("/things")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert (await http.delete("/things")).headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_a_refusal_for_lack_of_a_token_names_the_scheme(http: httpx.AsyncClient) -> None:
    assert (await http.get("/things")).headers["www-authenticate"] == "Bearer"


async def test_the_document_is_that_behind_the_gateway(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    assert document["servers"][0]["url"] == "/api/uji"
    post = document["paths"]["/things"]["post"]["responses"]
    assert set(post) == {"200", "400", "408", "409", "413", "415", "422", "429", "500", "503"}
    assert set(document["paths"]["/things"]["get"]["responses"]) == {
        "200",
        "400",
        "401",
        "403",
        "404",
        "429",
        "500",
        "503",
    }
    refused = document["components"]["responses"]["429"]
    assert set(refused["headers"]) == {"Retry-After", "RateLimit", "RateLimit-Policy"}
    assert list(refused["content"]) == [PROBLEM]
