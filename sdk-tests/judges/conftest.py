"""Public mock servers as the gateway's providers: they know nothing of this project, so what they refuse is wrong, and
what they answer must be understood."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import Fake, Gateway, program

# Where llmock speaks which dialect.
LLMOCK = {
    "openai_chat": "v1",
    "anthropic": "anthropic/v1",
    "openai_responses": "v1",
    "gemini": "gemini/v1beta",
    "cohere": "cohere/v2",
}

# And llmposter.
LLMPOSTER = {"openai_chat": "v1", "anthropic": "v1", "openai_responses": "v1", "gemini": "v1beta"}


def spoken() -> list[str]:
    """The dialects that the program under test speaks to providers, as its own error message lists them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tollgate.toml"
        file.write_text('[providers.probe]\nbase_url = "http://127.0.0.1:9/v1"\nspeaks = ["?"]\n')
        command = [program("TOLLGATE_BIN", "tollgate"), "serve", "--config", file, "--data", Path(folder) / "data"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    text = done.stdout + done.stderr
    assert "known are " in text, text
    return text.split("known are ")[1].splitlines()[0].split(", ")


SPOKEN = spoken()


@dataclass
class Judged:
    """The gateway before mock servers."""

    gateway: Gateway

    def model(self, upstream: str, judge: str = "llmock") -> str:
        return f"{provider(judge, upstream)}/judge"


def provider(judge: str, dialect: str) -> str:
    return f"{judge}-{dialect.replace('_', '-')}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: list[str | Path], port: int, environment: dict[str, str] | None = None) -> Iterator[str]:
    """A mock server, until the block ends."""
    process = subprocess.Popen(command, env=os.environ | (environment or {}), stdin=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{url}/v1/models", timeout=5)
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < until, f"{command[0]} did not start"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def llmock() -> Iterator[str]:
    port = free_port()
    command = [Path(sys.executable).with_name("llmock"), "serve", "--port", str(port), "--log-level", "warning"]
    with running(command, port, {"LLMOCK_RESPONSE_STYLE": "echo"}) as url:
        yield url


def llmposter_program() -> str | None:
    return os.environ.get("LLMPOSTER_BIN") or shutil.which("llmposter")


@pytest.fixture(scope="session")
def llmposter() -> Iterator[str | None]:
    """llmposter is a crate that takes minutes to build, so that it judges only where it is installed."""
    binary = llmposter_program()
    if binary is None:
        yield None
        return
    port = free_port()
    fixtures = Path(__file__).with_name("llmposter.yaml")
    with running([binary, "--fixtures", fixtures, "--port", str(port)], port) as url:
        yield url


@pytest.fixture(scope="session")
def judged(llmock: str, llmposter: str | None) -> Iterator[Judged]:
    servers = [("llmock", llmock, LLMOCK)]
    servers += [("llmposter", llmposter, LLMPOSTER)] if llmposter else []
    text = ""
    for judge, url, paths in servers:
        for dialect, path in paths.items():
            if dialect in SPOKEN:
                name = provider(judge, dialect)
                text += f'[providers.{name}]\nbase_url = "{url}/{path}"\napi_key = "judge-key"\n'
                text += f'speaks = ["{dialect}"]\n'
                text += f'[[providers.{name}.models]]\nid = "judge"\ninput = "1"\noutput = "2"\n'
    gateway = Gateway.with_config(text)
    try:
        yield Judged(gateway)
    finally:
        gateway.stop()


@pytest.fixture(params=list(LLMOCK))
def upstream(request: pytest.FixtureRequest) -> str:
    if request.param not in SPOKEN:
        pytest.skip("the program does not speak this to providers")
    return request.param


@pytest.fixture(scope="session")
def fake() -> Iterator[Fake]:
    fake = Fake.start()
    try:
        yield fake
    finally:
        fake.stop()
