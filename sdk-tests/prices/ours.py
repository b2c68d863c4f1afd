"""Our side: `tollgate price --batch`, the price function that records are priced by."""

import json
import os
import subprocess
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from catalogue import ROOT, Offering


def program() -> Path:
    """The program that is tested."""
    named = os.environ.get("TOLLGATE_BIN")
    if named:
        return Path(named)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "tollgate"


def quotes(cases: list[tuple[Offering, dict[str, int], datetime]]) -> list[dict]:
    """One answer for each case, in their order: what the offering costs, as the program says it."""
    lines = [
        json.dumps(
            {
                "model": offering.wire_id,
                "provider": offering.provider,
                "usage": usage,
                "at": at.isoformat().replace("+00:00", "Z"),
            }
        )
        for offering, usage, at in cases
    ]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [program(), "price", "--batch", "-"],
            input="\n".join(lines),
            capture_output=True,
            text=True,
            cwd=folder,  # no tollgate.toml, no data folder
            env={},
        )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(cases), done.stderr
    return [one_of(answer, offering) for answer, (offering, _, _) in zip(said, cases)]


def one_of(answer: dict, offering: Offering) -> dict:
    """The offering's part of an answer; the answer itself where it is an error."""
    if "error" in answer:
        return answer
    (mine,) = [one for one in answer["offerings"] if one["wire_id"] == offering.wire_id]
    return {"model": answer["model"], **mine}


def cost(quote: dict) -> Decimal | None:
    """`None` where there is no price."""
    said = quote.get("cost_usd")
    return None if said is None else Decimal(said)
