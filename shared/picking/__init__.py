"""Finding a kelurahan among all 83,762 by what somebody types: in process, in a millisecond."""

from shared.picking.picker import Picker
from shared.picking.search import Index
from shared.picking.villages import Village, villages_of

__all__ = ["Index", "Picker", "Village", "villages_of"]
