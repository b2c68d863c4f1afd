"""A fake Amazon Bedrock on loopback, judged by botocore: requests are validated against its service model, signatures by
its own signer, and the messages of streams are read by its own event-stream parser before they go out.

The model's name picks what is answered: `text`, `tools`, `reasoning`, `throttled`, `broken-stream`, `slow`.
"""

from __future__ import annotations

import json
import struct
import threading
import zlib
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock
from urllib.parse import unquote

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer
from botocore.validate import ParamValidator

BEARER = "bedrock-api-key-fake"
ACCESS_KEY = ("AKIDFAKEEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "fake-session-token")
REGION = "us-east-1"
USAGE = {"inputTokens": 21, "outputTokens": 7, "totalTokens": 128, "cacheReadInputTokens": 60, "cacheWriteInputTokens": 40}
THOUGHT = ("One and one.", "c2lnbmVkIGJ5IHRoZSBmYWtl")
CALL = {"toolUseId": "tooluse_fake-1", "name": "get_weather"}
ARGUMENTS = ['{"city": "Zü', 'rich 🌍"}']
CHUNKS = ["Hello", " from", " Bedrock:", " grüße 🌍."]

SERVICE = botocore.session.get_session().get_service_model("bedrock-runtime")


def message(headers: dict[str, str], payload: bytes) -> bytes:
    """One message, built from the format's description; botocore must read back what went in."""
    block = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack("!H", len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 12 + len(block) + len(payload) + 4, len(block))
    prelude += struct.pack("!I", zlib.crc32(prelude))
    whole = prelude + block + payload
    whole += struct.pack("!I", zlib.crc32(whole))
    buffer = EventStreamBuffer()
    buffer.add_data(whole)
    (read,) = list(buffer)
    assert (read.headers, read.payload) == (headers, payload)
    return whole


def event(name: str, payload: Any) -> bytes:
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return message(headers, json.dumps(payload, ensure_ascii=False).encode())


def exception(name: str, text: str) -> bytes:
    headers = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return message(headers, json.dumps({"message": text}).encode())


def blocks(scenario: str, asked: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """What is answered, and why it ends."""
    content: list[dict[str, Any]] = []
    last = asked["messages"][-1]["content"]
    results = [block["toolResult"] for block in last if "toolResult" in block]
    if scenario == "reasoning":
        text, signature = THOUGHT
        thoughts = [b["reasoningContent"]["reasoningText"] for m in asked["messages"] for b in m["content"] if "reasoningContent" in b]
        assert all(thought == {"text": text, "signature": signature} for thought in thoughts)
        content.append({"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}})
        return [*content, {"text": f"Two. {len(thoughts)} thoughts came back."}], "end_turn"
    if scenario == "tools" and not results:
        return [{"text": "Let me look."}, {"toolUse": {**CALL, "input": json.loads("".join(ARGUMENTS))}}], "tool_use"
    if results:
        said = "; ".join(f"{result['toolUseId']}={result['content'][0]['text']}" for result in results)
        return [{"text": f"Results: {said}"}], "end_turn"
    return [{"text": "".join(CHUNKS)}], "end_turn"


def stream(scenario: str, asked: dict[str, Any]) -> list[bytes]:
    content, stop = blocks(scenario, asked)
    out = [event("messageStart", {"role": "assistant"})]
    for index, block in enumerate(content):
        at = {"contentBlockIndex": index}
        if "text" in block:
            pieces = CHUNKS if block["text"] == "".join(CHUNKS) else [block["text"]]
            deltas = [{"text": piece} for piece in pieces]
        elif "reasoningContent" in block:
            thought = block["reasoningContent"]["reasoningText"]
            deltas = [{"reasoningContent": {"text": thought["text"]}}, {"reasoningContent": {"signature": thought["signature"]}}]
        else:
            out.append(event("contentBlockStart", {**at, "start": {"toolUse": CALL}}))
            deltas = [{"toolUse": {"input": piece}} for piece in ARGUMENTS]
        out += [event("contentBlockDelta", {**at, "delta": delta, "p": "abcdefgh"[: number % 8]}) for number, delta in enumerate(deltas)]
        out.append(event("contentBlockStop", at))
    if scenario == "broken-stream":
        return [*out[:3], exception("modelStreamErrorException", "The model broke.")]
    out.append(event("messageStop", {"stopReason": stop}))
    out.append(event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 12}}))
    return out


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        _, kind, model, operation = self.path.split("/")
        asked = json.loads(body)
        name = {"converse": "Converse", "converse-stream": "ConverseStream"}[operation]
        self.server.requests.append({"model": unquote(model), "body": asked, "headers": dict(self.headers), "path": self.path})  # type: ignore[attr-defined]
        problem = self.problem(body) or invalid(name, {"modelId": unquote(model), **asked})
        scenario = unquote(model).removeprefix("anthropic.").split(":")[0]
        if kind != "model" or problem:
            return self.refuse(400, "ValidationException", problem or "no such path")
        if scenario == "throttled":
            return self.refuse(429, "ThrottlingException", "Too many requests, please wait.")
        if name == "Converse":
            content, stop = blocks(scenario, asked)
            answer = {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": stop, "usage": USAGE, "metrics": {"latencyMs": 12}}
            return self.answer(200, "application/json", [json.dumps(answer).encode()])
        self.answer(200, "application/vnd.amazon.eventstream", stream(scenario, asked))

    def problem(self, body: bytes) -> str | None:
        """What is wrong with the key or the signature."""
        sent = self.headers["authorization"] or ""
        if sent.startswith("Bearer "):
            return None if sent == f"Bearer {BEARER}" else "The security token included in the request is invalid."
        headers = {"Content-Type": self.headers["content-type"]}
        request = AWSRequest("POST", f"http://{self.headers['host']}{self.path}", headers, body)
        at = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        with mock.patch("botocore.auth.get_current_datetime", return_value=at):
            SigV4Auth(Credentials(*ACCESS_KEY), "bedrock", REGION).add_auth(request)
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        if abs((now - at).total_seconds()) > 60:
            return "Signature expired."
        return None if request.headers["Authorization"] == sent else f"The signature does not match: {sent} is not {request.headers['Authorization']}"

    def refuse(self, status: int, name: str, text: str) -> None:
        self.answer(status, "application/json", [json.dumps({"message": text}).encode()], {"x-amzn-errortype": name})

    def answer(self, status: int, kind: str, pieces: list[bytes], more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(sum(map(len, pieces))), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in pieces:
            # Torn in the middle of a message, so that the reader has to put it together.
            middle = len(piece) // 2
            self.wfile.write(piece[:middle])
            self.wfile.flush()
            self.wfile.write(piece[middle:])
            self.wfile.flush()


def invalid(operation: str, params: dict[str, Any]) -> str | None:
    """What the service model says against a request."""
    report = ParamValidator().validate(params, SERVICE.operation_model(operation).input_shape)
    return report.generate_report() if report.has_errors() else None


class FakeBedrock:
    """A running fake; `requests` holds what it received."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.requests = []  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.server.requests  # type: ignore[attr-defined]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def config(self) -> str:
        """It as a provider twice: asked with an API key, and, as Amazon's own entry in the catalogue, with an access key."""
        text = ""
        for provider, key in {"bearerbedrock": BEARER, "amazon-bedrock": ":".join(ACCESS_KEY)}.items():
            text += f'[providers.{provider}]\nbase_url = "{self.url}"\napi_key = "{key}"\nspeaks = ["bedrock"]\n'
            for scenario in ("text", "tools", "reasoning", "throttled", "broken-stream"):
                text += f'[[providers.{provider}.models]]\nid = "anthropic.{scenario}:0"\ninput = "1"\noutput = "2"\n'
        return text
