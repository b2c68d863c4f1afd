"""The anthropic package: errors before an answer, errors in mid-stream, and what they look like to its users."""

from __future__ import annotations

import anthropic
import httpx2
import pytest
from anthropic import Anthropic

import cases
from conftest import DIRECT
from harness import World
from upstreams import Upstream

# As for the openai package: a client's own mistakes pass through; the provider's failures and the operator's
# credentials are the gateway's business. Columns: scenario, status of Anthropic itself, status through the gateway,
# and the exception that the package raises for the latter.
ERRORS = [
    ("error-400", 400, 400, anthropic.BadRequestError),
    ("error-401", 401, 502, anthropic.InternalServerError),
    ("error-403", 403, 502, anthropic.InternalServerError),
    ("error-404", 404, 404, anthropic.NotFoundError),
    ("error-413", 413, 413, anthropic.RequestTooLargeError),
    ("error-429", 429, 429, anthropic.RateLimitError),
    ("error-500", 500, 502, anthropic.InternalServerError),
    ("error-503", 529, 529, anthropic.OverloadedError),
]
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    529: "overloaded_error",
}


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("scenario", "status", "through", "expected"), ERRORS, ids=[e[0] for e in ERRORS])
def test_error(
    anthropic_client: Anthropic,
    world: World,
    upstream: str,
    spoken: Upstream,
    say,
    scenario: str,
    status: int,
    through: int,
    expected: type[anthropic.APIStatusError],
    streamed: bool,
) -> None:
    through = spoken.too_large if status == 413 else through
    loosely = DIRECT or status == 413
    with pytest.raises(anthropic.APIStatusError if loosely else expected) as raised:
        anthropic_client.messages.create(
            model=world.model(upstream, scenario), max_tokens=500, messages=say(), stream=streamed
        )
    error = raised.value
    assert error.status_code == (status if DIRECT else through)
    assert error.type == KINDS[error.status_code]
    assert error.api_message
    if scenario == "error-400":
        assert cases.ERROR_400 in error.api_message
    if scenario == "error-429":
        assert error.response.headers["retry-after"] == "7"
    if world.gateway is not None:
        request_id = error.response.headers["x-request-id"]
        assert error.body["request_id"] == request_id
        record = world.gateway.record(request_id)
        assert record["status"] == through
        assert record["error"]
        assert float(record["cost_usd"] or 0) == 0
    assert error.request_id, "the package reads it from the header `request-id`"


@pytest.mark.gateway
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("scenario", ["html-502", "half-json", "empty", "error-in-200", "truncated", "cut"])
def test_odd_answer_before_commit(
    anthropic_client: Anthropic, world: World, upstream: str, say, scenario: str, streamed: bool
) -> None:
    """What cannot be understood, and nothing of which was sent on, is an error with a status, never half an answer."""
    with pytest.raises(anthropic.InternalServerError) as raised:
        anthropic_client.messages.create(
            model=world.model(upstream, scenario), max_tokens=500, messages=say("[[after=0]]"), stream=streamed
        )
    assert raised.value.response.headers["x-request-id"]
    assert raised.value.api_message


@pytest.mark.parametrize("scenario", ["cut", "error-mid-stream", "malformed-chunk", "truncated"])
def test_broken_stream(anthropic_client: Anthropic, world: World, upstream: str, say, scenario: str) -> None:
    """What was sent arrives, and then an exception: a broken stream never looks like a finished one."""
    if DIRECT and scenario in ("truncated", "malformed-chunk"):
        pytest.skip("the package does not notice by itself")
    # The package lets its transport's own exception through; the gateway sends a proper error frame instead.
    broken = (anthropic.APIError, httpx2.TransportError) if DIRECT else anthropic.APIStatusError
    text, kinds = "", []
    with pytest.raises(broken) as raised:
        for event in anthropic_client.messages.create(
            model=world.model(upstream, scenario), max_tokens=500, messages=say(), stream=True
        ):
            kinds.append(event.type)
            if event.type == "content_block_delta":
                text += event.delta.text
    assert text == " the river"
    assert "message_stop" not in kinds and "message_delta" not in kinds
    if not DIRECT:
        assert raised.value.type in KINDS.values() and raised.value.api_message


@pytest.mark.parametrize("scenario", ["cut", "error-mid-stream"])
def test_broken_stream_helper(anthropic_client: Anthropic, world: World, upstream: str, say, scenario: str) -> None:
    broken = (anthropic.APIError, httpx2.TransportError) if DIRECT else anthropic.APIError
    with pytest.raises(broken):
        with anthropic_client.messages.stream(
            model=world.model(upstream, scenario), max_tokens=500, messages=say()
        ) as stream:
            stream.get_final_message()


@pytest.mark.gateway
def test_wrong_key(anthropic_url: str, world: World, say) -> None:
    client = Anthropic(base_url=anthropic_url, api_key="wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError) as raised:
        client.messages.create(model=world.model("anthropic", "text"), max_tokens=5, messages=say())
    assert raised.value.type == "authentication_error"
    assert raised.value.response.headers["x-request-id"]


@pytest.mark.gateway
def test_unknown_model(anthropic_client: Anthropic, say) -> None:
    with pytest.raises(anthropic.NotFoundError) as raised:
        anthropic_client.messages.create(model="fakeanthropic/fake-txt", max_tokens=5, messages=say())
    assert "fakeanthropic/fake-text" in raised.value.api_message, "close names are given"


@pytest.mark.gateway
def test_wrong_type_names_the_field(anthropic_client: Anthropic, world: World, upstream: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as raised:
        anthropic_client.messages.create(model=world.model(upstream, "text"), max_tokens=5, messages="hello")
    assert "messages" in raised.value.api_message


@pytest.mark.gateway
def test_base_url_off_by_a_segment(world: World, say) -> None:
    client = Anthropic(base_url=f"{world.url}/v1", api_key=world.key, max_retries=0)
    with pytest.raises(anthropic.NotFoundError) as raised:
        client.messages.create(model=world.model("anthropic", "text"), max_tokens=5, messages=say())
    assert "/v1/messages" in raised.value.api_message, "the right path is named"
