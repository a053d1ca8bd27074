"""Parts that know nothing of each other become one statement."""

from shared.database.statement import Part, statement


def test_each_part_keeps_its_own_values() -> None:
    first = Part("a as (select $1::int as n, $2::text as t)", (1, "x"))
    second = Part("b as (select $1::int as n, $12 from a)", tuple(range(12)))
    text, values = statement(first, second, then="select n from b")
    assert text == (
        "with a as (select $1::int as n, $2::text as t), b as (select $3::int as n, $14 from a) select n from b"
    )
    assert values == [1, "x", *range(12)]


def test_one_part_alone_is_as_it_was_written() -> None:
    assert statement(Part("a as (select 1)"), then="select from a") == ("with a as (select 1) select from a", [])
