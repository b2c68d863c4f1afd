"""Runs samples of code one after the other in one process, since loading the packages takes longer than they do. Reads a
JSON list of them, writes a JSON list of what each printed, or of how it failed."""

import contextlib
import io
import json
import sys
import traceback


def run(code: str) -> dict[str, str | None]:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "sample", "exec"), {"__name__": "__main__"})
    except Exception:
        return {"printed": printed.getvalue(), "error": traceback.format_exc(limit=-2)}
    return {"printed": printed.getvalue(), "error": None}


json.dump([run(code) for code in json.load(sys.stdin)], sys.stdout)
