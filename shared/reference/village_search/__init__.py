"""Finding a kelurahan among all 83,762 by what somebody types: in process, in a millisecond."""

from shared.reference.village_search.picker import Picker
from shared.reference.village_search.search import Index
from shared.reference.village_search.villages import Village, villages_of

__all__ = ["Index", "Picker", "Village", "villages_of"]
