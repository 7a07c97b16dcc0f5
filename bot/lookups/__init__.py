"""Look-ups: how like two names are and why, by rigour's comparison of names; what a listing is as an entity; name
tables in and out. Touches no store: `bot.searching` finds the candidates."""

from bot.lookups.comparing import DEFAULT_THRESHOLD, Named, compare, compare_names
from bot.lookups.entities import entity_from_listing, named_entity, named_listing
from bot.lookups.weighing import Comparison, Part

__all__ = [
    "DEFAULT_THRESHOLD",
    "Comparison",
    "Named",
    "Part",
    "compare",
    "compare_names",
    "entity_from_listing",
    "named_entity",
    "named_listing",
]
