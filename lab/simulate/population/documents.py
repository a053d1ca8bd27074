"""Which papers a resident shows: mostly those the service asks for, sometimes one less."""

from random import Random

from lab.simulate.population.weighted_choice import weighted_choice
from shared.contract.fields import ServiceCode

ASKED = {
    ServiceCode.FIRST: ("kk", "f102"),
    ServiceCode.LOST: ("kk", "surat_kehilangan"),
    ServiceCode.DAMAGED: ("kk", "ktp_rusak"),
    ServiceCode.PHOTO: ("kk", "ktp_lama"),
    ServiceCode.DATA_CHANGE: ("kk", "ktp_lama", "bukti_perubahan"),
    ServiceCode.MOVE_IN: ("kk", "surat_pindah"),
}
"""What is customary, as the simulator's clerks know it; what is missing is for the service's policy to say."""
LACKING = 0.06
"""Share of residents who lack one of them at first."""
PERMITTED = "wajah_tidak_jelas"
PHOTO_REASONS = ((PERMITTED, 45), ("mulai_berhijab", 30), ("perubahan_tetap", 15), ("estetika", 10))
"""The last is one that the rules refuse."""


def papers(random: Random, service: ServiceCode, lacking: float = LACKING) -> tuple[tuple[str, ...], str | None]:
    """The papers, and the reason for another photo where one is asked for."""
    shown = [*ASKED[service]]
    if random.random() < lacking:
        shown.remove(random.choice(shown))
    photo_reason = None
    if service is ServiceCode.PHOTO:
        photo_reason = weighted_choice(random, PHOTO_REASONS)
    return tuple(shown), photo_reason
