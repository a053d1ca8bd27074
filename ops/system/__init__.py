"""The whole system: platform, databases, topics, keys and the four services.

from ops.system import System, wait_until_quiescent

with System() as system:
    system.url("requests"); system.dsn("requests")
    system.token(Role.OPERATOR, "17.02.06.1004")
    system.services["dispatch"].kill(); system.services["dispatch"].start()
    await wait_until_quiescent(system)
"""

from ops.system.keys import Issuer
from ops.system.quiescence import QuiescenceMonitor, wait_until_quiescent
from ops.system.services import SERVICES, ServiceProcess
from ops.system.system import System

__all__ = ["SERVICES", "Issuer", "QuiescenceMonitor", "ServiceProcess", "System", "wait_until_quiescent"]
