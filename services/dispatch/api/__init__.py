"""The routes of dispatch. Everybody sees and changes what lies in their own wilayah only."""

from services.dispatch.api import cases, printing, visits

ROUTERS = (visits.router, cases.router, printing.router)
