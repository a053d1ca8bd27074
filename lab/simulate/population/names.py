"""Names as people of the four cities have them. Put together at random and marked, they are nobody's."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """Given names by sex, and what follows them."""

    male: tuple[str, ...]
    female: tuple[str, ...]
    last: tuple[str, ...]


def _names(male: str, female: str, last: str) -> Names:
    return Names(tuple(male.split()), tuple(female.split()), tuple(last.split()))


# Malay of Bengkulu, Serawai, and Minangkabau of the coast.
BENGKULU = _names(
    "Zulkifli Syahrul Hasanudin Ridwan Jamaluddin Edwar Firdaus Rusdi Yusman Marzuki Iskandar Darwin Arpan Bustami"
    " Hermansyah Sukardi Efendi Rozali Nasrun Alamsyah",
    "Nurbaiti Rosdiana Zubaidah Asmawati Yulinar Ermawati Nuraini Lismawati Rahmawati Desmawati Mariani Syamsinar"
    " Hartati Suryani Fitria Yusnidar Elvita Marlena Rosna Deswita",
    "Syafri Anwar Burhan Ibrahim Tanjung Hamidi Saleh Yanto Mahmud Effendi Harahap Usman Chaniago Sulaiman Hasan"
    " Nurdin Idris Munir Arifin Bahar",
)
# Rejang and Lembak, and the Javanese who came as settlers.
REJANG = _names(
    "Zainal Herman Sahrul Mahyudin Rusman Ujang Kadirman Sabirin Jalaludin Heriyanto Sugeng Supriyadi Ngatimin Paiman"
    " Romli Ibnu Tarmizi Wahyudi Amrullah Sudirman",
    "Sumiati Rohani Nurhayati Maryam Zahara Salma Rukiah Painem Sutinah Ngatiyem Yuliana Meri Nilawati Huzaimah"
    " Samsiah Hayati Siti Partini Leni Susilawati",
    "Bahri Abidin Effendi Saputra Wibowo Rahman Gunawan Hutabri Kurnia Azhari Suroso Susanto Ismail Yamin Kusuma"
    " Harun Suparman Ansori Wijaya Romadhon",
)
# Cirebonan and Sundanese.
CIREBON = _names(
    "Casmadi Tarsono Durakman Wasdi Suherman Asep Dadang Nana Kasnadi Rusnadi Tarya Jaenudin Maman Yayat Sarkim Warsa"
    " Taufik Fajar Rizki Iwan",
    "Carsinih Rokayah Sukaesih Wasniti Tarwi Kuniah Neneng Iis Cucu Euis Tuti Warniti Rasniah Nengsih Dede Yayah"
    " Nurlaela Wiwin Sri Rukmini",
    "Sudrajat Hidayat Permana Suryana Rohman Setiawan Nurjaman Kosasih Mulyana Supriatna Wahyudin Ruhiyat Suhendi"
    " Kartasasmita Ramdani Iskandar Sutisna Abdullah Jaelani Maulana",
)
# Timor, Rote, Sabu, Flores and Alor.
KUPANG = _names(
    "Yohanes Yosep Dominggus Melkianus Marthen Yeremias Agustinus Paulus Simon Petrus Oktovianus Daud Thobias"
    " Kornelis Absalom Nikodemus Ferdinan Filipus Anderias Gerson",
    "Maria Kristina Adriana Welmince Selfina Yuliana Martha Ester Dorkas Margarita Agustina Yublina Fransiska Orpa"
    " Naomi Ribka Antonia Elisabet Theresia Debora",
    "Taneo Banunaek Ndun Manafe Foenay Boimau Sinlae Pellokila Tanone Kase Benu Bessie Riwu Djara Nope Tefa Lona Lay"
    " Mautuka Fanggidae",
)
