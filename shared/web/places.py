"""The pages that a menu names, and whose they are: each person sees all that are theirs, and no other."""

from shared.security.identity import Identity, Role

PLACES = {
    "/permohonan": (Role.OPERATOR, Role.DISPATCHER, Role.OFFICER, Role.PRINT_OPERATOR, Role.PROVINCIAL),
    "/operasi": (Role.OPS,),
}
"""Each page's address -> the roles that its route lets in."""


def places_of(who: Identity | None) -> list[str]:
    """The pages of a person; none of nobody."""
    return [place for place, roles in PLACES.items() if who is not None and who.is_any(*roles)]
