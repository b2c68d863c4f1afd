"""Starts the fake provider and the gateway for the suite, and speaks to the fake's control endpoints.

Nothing here knows an SDK; the tests use those unmodified.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upstreams import UPSTREAMS

ROOT = Path(__file__).resolve().parents[2]
UPSTREAM_KEY = "fake-upstream-key"
ADMIN_TOKEN = "tgm_for_these_tests"


def program(variable: str, name: str) -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(os.environ.get(variable, target / "debug" / name))
    if not path.is_file():
        raise SystemExit(f"{path} is missing: `cargo build -p gateway -p testkit`, or set {variable}")
    return path


@dataclass
class Fake:
    """The fake provider as a child process."""

    process: subprocess.Popen[str]
    url: str

    @classmethod
    def start(cls) -> Fake:
        # It ends when its standard input does, so it cannot outlive this process.
        process = subprocess.Popen(
            [program("FAKE_PROVIDER_BIN", "fake-provider")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline().split()
        assert line[:1] == ["listening"], f"the fake provider did not start: {line}"
        return cls(process, line[1])

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def reset(self) -> None:
        self._control("reset", {})

    def script(self, model: str, *behaviours: dict[str, Any]) -> None:
        self._control("script", {"model": model, "behaviours": behaviours})

    def release(self, gate: str, count: int = 1) -> None:
        self._control("release", {"gate": gate, "count": count})

    def wait(self, **wanted: Any) -> dict[str, Any]:
        """The newest request that fits, as soon as there is one."""
        return self._control("wait", wanted)

    def requests(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/_fake/requests", timeout=10) as answer:
            return json.load(answer)

    def only_request(self) -> dict[str, Any]:
        requests = self.requests()
        assert len(requests) == 1, f"{len(requests)} requests reached the provider instead of one"
        return requests[0]

    def body(self) -> dict[str, Any]:
        """The JSON that the only request carried."""
        return json.loads(self.only_request()["body"])

    def _control(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/_fake/{name}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            seen = "; ".join(
                f"{r['model']} {r['scenario']} status {r['status']} chunks {r['chunks_sent']} {r['end']}"
                for r in self.requests()
            )
            raise AssertionError(f"{name} {body}: {error.read().decode()}; seen: {seen}") from None


@dataclass
class Gateway:
    """The gateway as a child process, with its providers configured and a key made."""

    program: Path
    folder: tempfile.TemporaryDirectory[str]
    process: subprocess.Popen[bytes]
    url: str = ""
    key: str = ""

    @classmethod
    def start(cls, fake: Fake, more: str = "") -> Gateway:
        """`more` is what else stands in its configuration."""
        return cls.with_config("[server]\nkeep_alive_seconds = 1\n" + config(fake) + more)

    @classmethod
    def with_config(cls, text: str) -> Gateway:
        binary = program("TOLLGATE_BIN", "tollgate")
        folder = tempfile.TemporaryDirectory(prefix="tollgate-sdk-")
        home = Path(folder.name)
        (home / "tollgate.toml").write_text(text)
        log = (home / "serve.log").open("wb")
        serve = ["serve", "--config", "tollgate.toml", "--data", "data", "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(
            [binary, *serve],
            cwd=home,
            env={**os.environ, "TOLLGATE_ADMIN_TOKEN": ADMIN_TOKEN},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        gateway = cls(binary, folder, process)
        gateway.url = gateway._await_ready()
        made = gateway.command("keys", "create", "--project", "sdk", "--name", "suite", "--json")
        gateway.key = json.loads(made)["key"]
        return gateway

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)
        self.folder.cleanup()

    def command(self, *args: str) -> str:
        done = subprocess.run(
            [self.program, *args, "--data", "data"], cwd=self.folder.name, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, f"tollgate {' '.join(args)}: {done.stderr}"
        return done.stdout

    def record(self, request_id: str) -> dict[str, Any]:
        """The record of one exchange; records are written shortly after the answer's end."""
        asked = urllib.request.Request(
            f"{self.url}/admin/v1/requests/{request_id}", headers={"authorization": f"Bearer {ADMIN_TOKEN}"}
        )
        until = time.monotonic() + 10
        while True:
            try:
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                assert error.code == 404 and time.monotonic() < until, f"no record of {request_id}: {error}"
            time.sleep(0.02)

    def log(self) -> str:
        return (Path(self.folder.name) / "serve.log").read_text()

    def _await_ready(self) -> str:
        until = time.monotonic() + 20
        file = Path(self.folder.name) / "data" / "server.json"
        while time.monotonic() < until and self.process.poll() is None:
            try:
                url = json.loads(file.read_text())["url"]
                with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                    return url
            except (OSError, ValueError, KeyError):
                time.sleep(0.02)
        raise SystemExit(f"the gateway did not become ready:\n{self.log()}")


def config(fake: Fake) -> str:
    """All dialects of the fake as providers: a model for every scenario, priced 1 and 2 USD per million tokens."""
    with urllib.request.urlopen(f"{fake.url}/_fake/scenarios", timeout=10) as answer:
        scenarios = list(json.load(answer))
    text = ""
    for dialect, upstream in UPSTREAMS.items():
        provider = upstream.provider
        text += f'[providers.{provider}]\nbase_url = "{fake.url}{upstream.path}"\napi_key = "{UPSTREAM_KEY}"\n'
        text += f'speaks = ["{dialect}"]\n'
        for scenario in scenarios:
            text += f'[[providers.{provider}.models]]\nid = "{upstream.family}fake-{scenario}"\ninput = "1"\noutput = "2"\n'
    text += '[[providers.fakeopenai.models]]\nid = "talker"\noperations = ["chat"]\ninput = "1"\noutput = "2"\n'
    text += '[[providers.fakeopenai.models]]\nid = "embedder"\noperations = ["embed"]\ninput = "1"\noutput = "0"\n'
    return text


@dataclass
class World:
    """What a test talks to: the gateway, or in a dry run of the suite the fake itself."""

    fake: Fake
    gateway: Gateway | None
    url: str
    key: str
    # The fake Bedrock, where the suite has one.
    bedrock: Any = None

    def model(self, upstream: str, scenario: str) -> str:
        """The model's name that reaches a scenario over an upstream dialect."""
        if self.gateway is None:
            return f"fake-{scenario}"
        known = UPSTREAMS[upstream]
        return f"{known.provider}/{known.family}fake-{scenario}"
