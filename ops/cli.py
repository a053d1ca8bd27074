"""The commands of `python -m ops`: what an operator runs. Each is a function that is imported when it is called."""

from typing import NoReturn

from cyclopts import App

from ops.command_line import run

app = App(
    name="ops", help="Jemput Bola: the operator's tools.", help_format="plaintext", result_action="return_value"
)

COMMANDS = {
    "up": ("ops.up:up_command", "Run the whole system behind one origin, until Ctrl-C."),
    "clean": ("ops.system.commands:clean", "Remove this clone's data and what was built."),
    "provision": ("ops.system.commands:provision", "Create roles, databases, topics and access rules."),
    "token": ("ops.system.commands:token", "Print a token for roles in a wilayah."),
    "secrets": ("ops.system.commands:secrets", "Make the secrets of a system in production in ./secrets/."),
    "digests": ("ops.digests:digests", "Write the digests of the images that are here into .env."),
    "doctor": ("ops.admin.doctor.command:doctor", "Check the machine, the packages and the running system."),
    "lag": ("ops.admin.lag:lag", "What is unpublished or not consumed, by whom, and for how long."),
    "prune": ("ops.admin.prune:prune", "Delete now what the policy says was kept for long enough."),
    "trace": ("ops.admin.trace.command:trace", "The life of one request across the services."),
    "dlq": ("ops.admin.dead_letters:app", "Dead letters: list, show, replay, discard, restore."),
    "outbox": ("ops.admin.outbox:app", "The outboxes: status, replay --since."),
    "ledger": ("ops.admin.ledger:app", "The ledger of blank cards: verify."),
    "audit": ("ops.privacy.audit:app", "Who read whom: list, verify."),
    "privacy": ("ops.privacy.commands:app", "Residents' rights and keys: export, erase, rotate."),
    "backup": ("ops.backup.commands:backup", "Base backups: one now, or a list of those there are."),
    "restore": ("ops.backup.commands:restore", "The stopped server's data from an archive."),
    "reconcile": ("ops.reconcile.commands:reconcile", "Do the services agree? What is forgotten?"),
    "docs": ("ops.docs.generate:main", "Generate the documents that follow from the code."),
}
for _name, (_target, _help) in COMMANDS.items():
    app.command(_target, name=_name, help=_help)
app.command("ops.system.commands:deliver", name="deliver", show=False)


def main() -> NoReturn:
    """Run a command and end the process with its code."""
    run(app)
