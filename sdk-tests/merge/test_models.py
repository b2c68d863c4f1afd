"""merge-gateway-sdk 0.2.0 and merge-gateway-python 0.4.0: `models.list` and `models.retrieve`."""

from __future__ import annotations

import pytest
from merge_gateway import MergeGateway, NotFoundError

from harness import World


def test_a_list_in_pages(client: MergeGateway, world: World) -> None:
    whole = client.models.list()
    ids = [model.id for model in whole.data]
    name = world.model("openai_chat", "text")
    assert name in ids and not whole.has_more
    turned, cursor = [], None
    while True:
        page = client.models.list(limit=30, cursor=cursor)
        turned += [model.id for model in page.data]
        cursor = page.next_cursor
        if not page.has_more:
            break
    assert turned == ids
    model = next(model for model in whole.data if model.id == name)
    assert (model.pricing.input_per_million, model.pricing.output_per_million) == (1, 2)
    bound = client.models.list(provider="simulator", supports_tool_calling=True)
    assert "simulator/echo" in [model.id for model in bound.data]
    assert {model.provider for model in bound.data} == {"simulator"}


def test_one_model(client: MergeGateway) -> None:
    echo = client.models.retrieve("simulator/echo")
    assert (echo.id, echo.context_window, echo.capabilities.tools) == ("simulator/echo", 200_000, True)
    if hasattr(echo, "vendors"):
        assert echo.vendors["simulator"].capabilities.streaming
    with pytest.raises(NotFoundError, match="simulator/echo"):
        client.models.retrieve("simulator/ecko")
