"""The four cities. What is a seed of the story says so; every other figure is an assumption that fits it."""

from datetime import date

from lab.simulate.population import names
from lab.simulate.population.city import City, Drives, Group, Site, Station
from shared.contract.fields import Place

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
FIRST_DAY = date(2026, 4, 6)
"""A Monday, the first after Easter."""

# Seeds: 773 blank cards, 30 to 35 prints a day, a daily report of the stock to the province. So many are printed when
# some more are asked for: a few are cancelled, turned away, or not met.
REJANG_LEBONG = City(
    key="rejang-lebong",
    name="Kabupaten Rejang Lebong",
    office="17.02",
    first_day=FIRST_DAY,
    about=("Kunjungan rumah di 15 kecamatan, dan satu sekolah setiap Rabu.", "Home visits, and a school a week."),
    opening=773,
    provincial=20_000,
    residents_a_day=(34, 37),
    grant=1000,
    names=names.REJANG,
    reasons=(("lansia", 53), ("sakit", 23), ("disabilitas", 20), ("odgj", 4)),
    migrants=("17.08.03", "17.07.05", "16.73.01"),
    retired=("17.02.01", "17.02.03", "17.02.05", "17.02.12"),
    sheet=((Group.HOME, 760), (Group.SCHOOL, 64)),
    drives=(
        Drives(
            place=Place.SCHOOL,
            group=Group.SCHOOL,
            sites=(
                Site("SMA Sintetis 1 Curup", "17.02.09.1033"),
                Site("SMK Sintetis 2 Curup Timur", "17.02.17.1001"),
                Site("SMA Sintetis 3 Selupu Rejang", "17.02.11.1004"),
            ),
            filed_on=MONDAY,
            days=(WEDNESDAY,),
            residents=(12, 15),
        ),
    ),
)

# Seeds: home visits for the old, the mentally ill and the disabled, with escort and large teams; a van that tours
# the far wards. The wards are those farthest from the office.
BENGKULU = City(
    key="bengkulu",
    name="Kota Bengkulu",
    office="17.71",
    first_day=FIRST_DAY,
    about=(
        "Kunjungan rumah untuk lansia, ODGJ dan disabilitas, dengan pendamping; mobil keliling ke kelurahan jauh.",
        "Home visits for the old, the mentally ill and the disabled, with an escort; a van tours the far wards.",
    ),
    opening=900,
    provincial=20_000,
    residents_a_day=(20, 24),
    grant=1500,
    names=names.BENGKULU,
    reasons=(("lansia", 45), ("disabilitas", 25), ("odgj", 14), ("sakit", 16)),
    migrants=("17.02.09", "17.03.06", "13.71.02"),
    retired=("17.02.02", "17.02.04"),
    sheet=((Group.HOME, 490), (Group.PUBLIC, 330)),
    drives=tuple(
        Drives(
            place=Place.VAN_STOP,
            group=Group.PUBLIC,
            sites=sites,
            filed_on=filed_on,
            days=(day,),
            residents=(38, 44),
            listed_after=0,
        )
        for filed_on, day, sites in (
            (
                MONDAY,
                THURSDAY,
                (
                    Site("Mobil keliling Teluk Sepang", "17.71.05.1003"),
                    Site("Mobil keliling Sumber Jaya", "17.71.05.1004"),
                    Site("Mobil keliling Betungan", "17.71.01.1005"),
                ),
            ),
            (
                WEDNESDAY,
                TUESDAY,
                (
                    Site("Mobil keliling Padang Serai", "17.71.05.1005"),
                    Site("Mobil keliling Pekan Sabtu", "17.71.01.1003"),
                    Site("Mobil keliling Surabaya", "17.71.08.1006"),
                ),
            ),
        )
    ),
    stations=(Station("P1", tray=120),),
)

_SCHOOLS = (
    Site("SMA Sintetis 1 Cirebon", "32.74.05.1003"),
    Site("SMK Sintetis 1 Cirebon", "32.74.05.1002"),
    Site("SMA Sintetis 4 Cirebon", "32.74.03.1003"),
    Site("MAN Sintetis 2 Cirebon", "32.74.03.1005"),
)
_KELURAHAN = (
    Site("Kelurahan Argasunya", "32.74.03.1005"),
    Site("Kelurahan Pegambiran", "32.74.02.1001"),
    Site("Kelurahan Kesenden", "32.74.01.1003"),
    Site("Kelurahan Karyamulya", "32.74.05.1005"),
)
_NEIGHBOURHOODS = (
    Site("RW 08 Kalijaga", "32.74.03.1001"),
    Site("RW 03 Jagasatru", "32.74.04.1001"),
    Site("RW 11 Kecapi", "32.74.03.1003"),
    Site("RW 05 Panjunan", "32.74.02.1004"),
)

# Seeds: schools on Wednesdays, kelurahan on Saturday and Sunday; 250 prints a day on two printers. That many prints
# need as many residents: the drives of neighbourhoods on the other days are an assumption.
CIREBON = City(
    key="cirebon",
    name="Kota Cirebon",
    office="32.74",
    first_day=FIRST_DAY,
    about=(
        "Sekolah setiap Rabu, kelurahan setiap Sabtu dan Minggu; dua pencetak, 250 kartu sehari.",
        "Schools on Wednesdays, wards at weekends; two printers, 250 cards a day.",
    ),
    opening=3500,
    provincial=60_000,
    residents_a_day=(5, 7),
    grant=5000,
    names=names.CIREBON,
    reasons=(("lansia", 60), ("sakit", 25), ("disabilitas", 12), ("odgj", 3)),
    migrants=("32.09.17", "32.10.05", "33.29.08"),
    retired=("17.02.05",),
    sheet=((Group.HOME, 120), (Group.SCHOOL, 200), (Group.PUBLIC, 480)),
    drives=(
        Drives(Place.SCHOOL, Group.SCHOOL, _SCHOOLS[:2], THURSDAY, (WEDNESDAY,), (86, 94)),
        Drives(Place.SCHOOL, Group.SCHOOL, _SCHOOLS[2:], FRIDAY, (WEDNESDAY,), (86, 94)),
        Drives(Place.KELURAHAN, Group.PUBLIC, _KELURAHAN[:2], TUESDAY, (SATURDAY, SUNDAY), (186, 194)),
        Drives(Place.KELURAHAN, Group.PUBLIC, _KELURAHAN[2:], WEDNESDAY, (SATURDAY, SUNDAY), (186, 194)),
        Drives(Place.RW, Group.PUBLIC, _NEIGHBOURHOODS[:2], WEDNESDAY, (MONDAY, TUESDAY), (340, 360)),
        Drives(Place.RW, Group.PUBLIC, _NEIGHBOURHOODS[2:], MONDAY, (THURSDAY, FRIDAY), (340, 360)),
    ),
    stations=(Station("P1", tray=135, a_day=125), Station("P2", tray=135, a_day=125)),
)

# Seed: 200 prisoners served in a day.
KUPANG = City(
    key="kupang",
    name="Kota Kupang",
    office="53.71",
    first_day=FIRST_DAY,
    about=(
        "Dua ratus warga binaan dalam satu hari di lapas; kunjungan rumah pada hari lain.",
        "Two hundred prisoners in one day; home visits on the others.",
    ),
    opening=1300,
    provincial=20_000,
    residents_a_day=(18, 22),
    grant=1500,
    names=names.KUPANG,
    reasons=(("lansia", 52), ("sakit", 25), ("disabilitas", 18), ("odgj", 5)),
    migrants=("53.01.08", "53.02.05", "53.14.01"),
    retired=("53.01.01", "53.01.02", "53.01.14"),
    sheet=((Group.HOME, 470), (Group.PRISON, 206), (Group.SCHOOL, 60)),
    drives=(
        Drives(
            place=Place.PRISON,
            group=Group.PRISON,
            sites=(Site("Lapas Sintetis Kupang", "53.71.02.1003"),),
            filed_on=WEDNESDAY,
            days=(TUESDAY,),
            residents=(200, 200),
            weeks=(0,),
        ),
        Drives(
            place=Place.SCHOOL,
            group=Group.SCHOOL,
            sites=(Site("SMA Sintetis 1 Kupang", "53.71.04.1011"), Site("SMK Sintetis 3 Oesapa", "53.71.03.1010")),
            filed_on=MONDAY,
            days=(FRIDAY,),
            residents=(18, 22),
            weeks=(1, 2, 3),
        ),
    ),
    stations=(Station("P1", tray=220),),
)

CITIES = {city.key: city for city in (REJANG_LEBONG, BENGKULU, CIREBON, KUPANG)}
