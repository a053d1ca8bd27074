"""Inventory: the ledger of blank cards (blanko) of provinces and offices, their levels, reports and shipments."""
