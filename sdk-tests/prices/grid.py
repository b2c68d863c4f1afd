"""The usages that every offering is priced for. Each is made to show one dimension of a price."""

from datetime import datetime, timezone

# A Saturday, and so off-peak where a provider has hours; and a working day's rush hour in China (10:00 there).
WEEKEND = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
RUSH_HOUR = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)

# In the words of our records: `input`, `cache_read`, `cache_write` do not overlap; `reasoning`, `audio_output`,
# `image_output` are parts of `output`, `audio_input`, `image_input` of `input`, `cache_write_1h` of `cache_write`.
PLAIN = {
    "input": {"input": 1000},
    # With one token of input: nobody is asked nothing, and lists of ranges begin above zero.
    "output": {"input": 1, "output": 1000},
    "both": {"input": 12_345, "output": 678},
}
CACHE = {
    "cache_read": {"input": 1000, "cache_read": 20_000, "output": 100},
    "cache_write": {"input": 1000, "cache_write": 4000, "output": 100},
    "cache_write_1h": {"input": 1000, "cache_write": 4000, "cache_write_1h": 3000, "output": 100},
}
# Far above all sizes from which requests cost more somewhere; for those that do, also just at and above these sizes.
LARGE = {"input_600k": {"input": 600_000, "output": 1000}}
SIZES = {
    "input_130k": {"input": 130_000, "output": 1000},
    "input_200k": {"input": 200_000, "output": 1000},
    "input_201k": {"input": 200_001, "output": 1000},
    "input_272k": {"input": 272_001, "output": 1000},
    "cached_300k": {"input": 10_000, "cache_read": 290_000, "output": 1000},
}
THOUGHT = {"reasoning": {"input": 1000, "output": 1000, "reasoning": 700}}
AUDIO = {
    "audio_input": {"input": 1000, "audio_input": 600, "output": 100},
    "audio_output": {"input": 1000, "output": 500, "audio_output": 300},
}
PICTURES = {
    "image_input": {"input": 1000, "image_input": 774, "output": 100},
    "image_output": {"input": 1000, "output": 1300, "image_output": 1290},
}


def usages(rates: set[str], rush_hour: bool) -> dict[str, tuple[dict[str, int], datetime]]:
    """Usages by name for an offering about which somebody states those rates (in our words), each with its moment."""
    chosen = {**PLAIN, **CACHE, **LARGE, **THOUGHT}
    if "large" in rates:
        chosen.update(SIZES)
    for group in (AUDIO, PICTURES):
        chosen.update({name: usage for name, usage in group.items() if name in rates})
    cases = {name: (usage, WEEKEND) for name, usage in chosen.items()}
    if rush_hour:
        cases.update({f"{name}_at_rush_hour": (PLAIN[name], RUSH_HOUR) for name in PLAIN})
    return cases
