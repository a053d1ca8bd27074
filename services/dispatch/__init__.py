"""Dispatch: brings the team to the resident, and follows the case from the visit to the card in a hand."""
