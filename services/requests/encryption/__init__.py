"""Encryption of persons: master keys in a file wrap data keys in the database, which encrypt each person.

Other packages import from here only. A blind index is a keyed hash by which equal NIK, birthdays and words of a name
are found without decrypting anything. Keys rotate while the service runs.
"""

from services.requests.encryption.data_keys import BlindIndexes, DataKeys, UnknownDataKey
from services.requests.encryption.master_keys import MasterKeys, UnknownMasterKey, add_master_key
from services.requests.encryption.rotation import (
    RotationIncomplete,
    RotationResult,
    rewrap_data_keys,
    rotate_data_key,
    rotate_index_key,
)
from services.requests.encryption.store.data_keys import DataKey, living_keys
from services.requests.encryption.store.word_index import array_text, write_word_index
from services.requests.encryption.vault import Vault
from services.requests.encryption.word_index import backfill_word_index

__all__ = [
    "BlindIndexes",
    "DataKey",
    "DataKeys",
    "MasterKeys",
    "RotationIncomplete",
    "RotationResult",
    "UnknownDataKey",
    "UnknownMasterKey",
    "Vault",
    "add_master_key",
    "array_text",
    "backfill_word_index",
    "living_keys",
    "rewrap_data_keys",
    "rotate_data_key",
    "rotate_index_key",
    "write_word_index",
]
