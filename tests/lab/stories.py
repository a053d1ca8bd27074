"""A story made by hand, as a simulation would find it."""

from datetime import date, datetime, timedelta

from lab.simulate.outcome.story import Alert, Day, Drive, Kind, Place, Refusal, Shipment, Step, Story, Tally
from shared.reference.offices import Offices
from shared.reference.regions import kelurahan_of

OFFICE = Offices.load()["17.02"]
LOW, CRITICAL, RECOVERED = 250, 99, 330


def story() -> Story:
    """Thirty days with 33 prints a working day; all is well."""
    made = Story(
        "rejang-lebong", "Kabupaten Rejang Lebong", "17.02", OFFICE.name, OFFICE.zone, 1, 7, 3, LOW, CRITICAL
    )
    made.opening = balance = 773
    for n in range(30):
        day = Day(date(2026, 4, 6) + timedelta(days=n), working=OFFICE.works_on(date(2026, 4, 6) + timedelta(days=n)))
        day.opening = balance if n else 0
        day.low_at, day.critical_at, day.recovered_at = LOW, CRITICAL, RECOVERED
        day.received = {0: 773, 29: 1000}.get(n, 0)
        if day.working and n:
            day.visits, day.recorded, day.prints, day.printed, day.handed_over = 36, 33, 33, 33, 33
        balance = day.closing = day.opening + day.received - day.printed
        made.days.append(day)
    made.on_hand = balance
    received = at(date(2026, 5, 5), 9)
    made.alerts = [
        Alert(
            "low",
            date(2026, 4, 28),
            at(date(2026, 4, 29), 9),
            acknowledged=at(date(2026, 4, 29), 8),
            resolved=received,
        )
    ]
    made.shipments = [Shipment(1000, at(date(2026, 4, 29), 9), date(2026, 5, 5), received)]
    made.outcomes = {"recorded": 660, "absent": 60}
    made.about = ("Kunjungan rumah, dan satu sekolah.", "Home visits, and a school.")
    made.kinds = {"home_visit": Kind(300, 680, 690, 620), "drive": Kind(1, 14, 15, 13)}
    school = date(2026, 4, 15)
    made.drives = [Drive("school", "SMA Sintetis 1 Curup", "Talang Benih", 15, 14, 13, 2, 14, school)]
    rule = ("perekaman mulai umur 16 tahun", "recording from the age of 16", "UU 24/2013 Ps 63(1)")
    made.tally = Tally(680, 30, 25, 12, 3, 3, 4, 5, 6, [Refusal("first.age", *rule, residents=2)])
    made.timeline = [Step("filed", at(date(2026, 4, 6), 8)), Step("printed", at(date(2026, 4, 7), 10))]
    made.timeline_kelurahan = "Talang Ulu"
    made.places = [
        Place(k.code, k.name, k.kecamatan, k.lat, k.lng, n % 7) for n, k in enumerate(kelurahan_of("17.02"))
    ]
    return made


def ended_on(day: date) -> Story:
    """The same story, of which only the days until then were told."""
    found = story()
    del found.days[(day - found.days[0].day).days + 1 :]
    found.on_hand = found.days[-1].closing
    for alert in found.alerts:
        alert.acknowledged = alert.acknowledged if alert.acknowledged and alert.acknowledged.date() <= day else None
        alert.resolved = None
    found.alerts = [alert for alert in found.alerts if alert.raised <= day]
    found.shipments = [shipment for shipment in found.shipments if shipment.approved.date() <= day]
    for shipment in found.shipments:
        shipment.received = None
    return found


def at(day: date, hour: int) -> datetime:
    """The office's hour."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=OFFICE.tz)
