"""What the catalogue's TOML says, read without the program: offerings, and what other packages call their providers."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "catalog"


@dataclass(frozen=True)
class Offering:
    """One name of a model at one provider."""

    model: str
    provider: str
    wire_id: str
    said: dict  # the offering's table, as in the file

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.wire_id}"


@cache
def providers() -> dict[str, dict]:
    """By id."""
    return {
        path.stem: tomllib.loads(path.read_text()) for path in (FOLDER / "providers").glob("*.toml")
    }


@cache
def offerings() -> list[Offering]:
    """All that are priced by the token: at least one rate is not nothing."""
    found = []
    for path in sorted((FOLDER / "models").glob("*.toml")):
        for model in tomllib.loads(path.read_text())["model"]:
            for said in model["offering"]:
                if any(float(rate) for period in said.get("price", []) for rate in period["rates"].values()):
                    name = f"{path.stem}/{model['slug']}"
                    found.append(Offering(name, said["provider"], said["wire_id"], said))
    return found


def known_as(provider: str, ecosystem: str) -> list[str]:
    """What a price list calls a provider."""
    return providers()[provider].get("known_as", {}).get(ecosystem, [])
