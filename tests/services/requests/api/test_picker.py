"""The picker over HTTP: public, cached, and the same list for every device."""

from tests.services.requests.desk import Desk


async def test_a_name_is_found_and_says_where_it_lies(desk: Desk) -> None:
    answer = await desk.http.get("/wilayah", params={"q": "bumi ayu", "dalam": "17.71", "limit": 3})
    assert answer.status_code == 200
    first, *others = answer.json()["items"]
    assert first == {
        "code": "17.71.01.1004",
        "name": "Bumu Ayu",
        "kecamatan": "Selebar",
        "kabupaten": "Kota Bengkulu",
        "provinsi": "Bengkulu",
        "aliases": ["Bumi Ayu"],
    }
    assert len(others) == 2
    assert "max-age" in answer.headers["cache-control"]


async def test_nothing_is_found_by_nothing(desk: Desk) -> None:
    for typed in ("", " ", "qqqqqq", "\u0000", "'"):
        assert (await desk.http.get("/wilayah", params={"q": typed, "dalam": ""})).json() == {"items": []}


async def test_an_unreadable_question_is_refused_with_its_rule(desk: Desk) -> None:
    for query in ({}, {"q": "a", "dalam": "17.2"}, {"q": "a", "limit": 0}, {"q": "a" * 200}):
        answer = await desk.http.get("/wilayah", params=query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["rule"] != "tidak memenuhi aturan isian ini"


async def test_a_device_takes_its_office_along(desk: Desk) -> None:
    answer = await desk.http.get("/wilayah/17.71")
    items = answer.json()["items"]
    assert len(items) == 67
    assert [each["aliases"] for each in items if each["code"] == "17.71.01.1004"] == [["Bumi Ayu"]]
    again = await desk.http.get("/wilayah/17.71", headers={"If-None-Match": f'"x", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    other = await desk.http.get("/wilayah/17.02")
    assert len(other.json()["items"]) == 156
    assert other.headers["etag"] != answer.headers["etag"]


async def test_an_office_that_is_none_is_not_found(desk: Desk) -> None:
    assert (await desk.http.get("/wilayah/17.99")).status_code == 404
    assert (await desk.http.get("/wilayah/bengkulu")).status_code == 422
