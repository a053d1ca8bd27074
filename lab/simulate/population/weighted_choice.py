"""A random choice by weight."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def weighted_choice(random: Random, weighted: Sequence[tuple[T, float]]) -> T:
    """One of the things, each as often as its weight says."""
    return random.choices([thing for thing, _ in weighted], [weight for _, weight in weighted])[0]
