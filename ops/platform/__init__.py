"""The embedded platform: the Kafka, PostgreSQL and Caddy of production, from packages, without Docker.

    from ops.platform import Platform, PlatformError

    with Platform() as platform:                 # this clone's .platform/, one broker, data kept
        platform.database_url                    # postgresql://postgres@127.0.0.1:PORT/postgres
        platform.dsn("requests")                 # the same server, another database
        platform.bootstrap_servers               # 127.0.0.1:PORT
        platform.postgres.psql("create database requests")
        platform.postgres.kill()                 # kill -9, backends included
        platform.postgres.start()                # same port, same data
        broker = platform.kafka.brokers[0]
        broker.pause(); broker.resume()          # SIGSTOP, SIGCONT
        broker.kill(); broker.start()

    Platform(Path(tmp), brokers=3, fresh=True)   # three brokers, another folder, emptied first
    Platform().clean()                           # remove this clone's data

    with FaultEnvironment(3) as env, Platform(Path(tmp), 3, fresh=True, fault_environment=env):   # as root
        env.network.cut(2); env.network.restore(2)                          # broker 2 is alone for a while
        env.disks["postgres"].fill(); env.disks["postgres"].free()          # ENOSPC for a while

All of it is synchronous and may be called from any thread; from asyncio use `asyncio.to_thread`.
`DATABASE_URL` and `KAFKA_BOOTSTRAP_SERVERS`, when set, are used instead of starting a server. `PG_BIN` and
`JAVA` name other binaries. What goes wrong is a `PlatformError` that says what to do about it.

Nothing outlives the process that started it: what was not stopped is killed at its end, by the kernel (Linux)
if it is killed itself, and recognised by pid and start time at the next start if even that failed. To run a
process of one's own the same way, subclass `Server`: `command()`, `probe()`, and if need be `environment()`.

The first start of a user fetches Kafka's jars (about 15 s); later ones take 2 to 4 s on a quiet machine.
"""

from ops.platform.caddy import CaddyServer
from ops.platform.errors import PlatformError
from ops.platform.fault_environment.environment import FaultEnvironment
from ops.platform.kafka.cluster import Broker, KafkaCluster
from ops.platform.platform import Platform, clean_all
from ops.platform.postgres.server import PostgresServer
from ops.platform.process.ports import PortBook, is_free
from ops.platform.process.server import Server

__all__ = [
    "Broker",
    "CaddyServer",
    "FaultEnvironment",
    "KafkaCluster",
    "Platform",
    "PlatformError",
    "PortBook",
    "PostgresServer",
    "Server",
    "clean_all",
    "is_free",
]
