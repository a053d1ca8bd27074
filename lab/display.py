"""Two watchers of a simulation: a display of the day, the stock and what was last said, and a bar of its progress."""

from collections import deque
from datetime import date, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from lab.simulate.outcome.story import Day
from lab.simulate.population.city import City
from ops.formatting import full_day, moment, number
from shared.reference.offices import Office

SAID = 6
BAR = 44
LINE_EVERY = 5
"""On a pipe a line is printed for the first of so many days."""


class Display:
    """A watcher of the simulator that draws on the terminal; on a pipe it prints only what was said."""

    def __init__(self, console: Console, city: City, office: Office) -> None:
        self._console, self._city, self._office = console, city, office
        self._said: deque[str] = deque(maxlen=SAID)
        self._day, self._number, self._of = city.first_day, 0, 0
        self._on_hand, self._most = city.opening, city.opening
        self._figures: Day | None = None
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._picture, transient=True)

    def __enter__(self) -> "Display":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def began(self, day: date, number: int, of: int) -> None:
        """A day begins."""
        self._day, self._number, self._of = day, number, of

    def moved(self, day: Day, on_hand: int) -> None:
        """Figures of the day changed."""
        self._figures, self._on_hand = day, on_hand
        self._most = max(self._most, on_hand)

    def said(self, at: datetime, words: str) -> None:
        """Something happened."""
        line = f"{moment(at)}  {words}"
        self._said.append(line)
        if not self._console.is_terminal:
            self._console.print(line, highlight=False)

    def _picture(self) -> RenderableType:
        figures = Table.grid(padding=(0, 2))
        figures.add_row(Text("Hari", "dim"), Text(f"{full_day(self._day)}   ({self._number}/{self._of})", "bold"))
        figures.add_row(Text("Stok", "dim"), self._bar())
        if self._figures is not None:
            day = self._figures
            figures.add_row(
                Text("Hari itu", "dim"),
                Text(
                    f"{day.filed} warga diajukan · {day.visits} kunjungan · {day.prints} tercetak"
                    f" · {day.handed_over} diserahkan"
                ),
            )
        said = Text("\n".join(self._said) or "Menunggu kabar pertama ...", "cyan" if self._said else "dim")
        return Panel(
            Group(figures, Text(), said),
            title=f"Jemput Bola · {self._office.name}",
            border_style="cyan",
            padding=(1, 2),
        )

    def _bar(self) -> Text:
        days = self._on_hand / self._office.usage
        style = "green"
        if days < self._office.low_cover:
            style = "red" if days <= self._office.critical_cover else "yellow"
        filled = round(BAR * max(self._on_hand, 0) / self._most)
        return Text.assemble(
            ("█" * filled, style),
            ("░" * (BAR - filled), "dim"),
            (f"  {number(self._on_hand)} blanko", "bold"),
            (f"  ~{days:.0f} hari kerja", "dim"),
        )


class Progress:
    """A watcher of the simulator: a bar of days on the terminal, on a pipe a line now and then."""

    def __init__(self, console: Console, days: int) -> None:
        self._console = console
        self._bars = Bars(console=console, transient=True, disable=not console.is_terminal)
        self._bar = self._bars.add_task("", total=days)

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def began(self, day: date, number: int, of: int) -> None:
        """A day begins."""
        self._bars.update(self._bar, completed=number - 1, description=full_day(day))
        if not self._console.is_terminal and number % LINE_EVERY == 1:
            self._console.print(f"  {full_day(day)} ({number}/{of})", highlight=False)

    def moved(self, day: Day, on_hand: int) -> None:
        """Figures of the day changed."""

    def said(self, at: datetime, words: str) -> None:
        """Something happened."""
