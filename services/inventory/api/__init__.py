"""The JSON routes of inventory. Everybody sees their own wilayah only."""

from services.inventory.api import commands, corrections, reading

ROUTERS = (commands.router, corrections.router, reading.router)
