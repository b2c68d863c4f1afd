"""How each upstream dialect says what the cells ask about: one table, so that a cell is the same over all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Body = dict[str, Any]


def at(value: Any, path: str) -> Any:
    """What stands at a path such as `generationConfig.temperature`; `None` where nothing does."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def said(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def first_message(body: Body) -> str:
    first = body["messages"][0]
    assert first["role"] in ("system", "developer")
    return said(first["content"])


def of_functions(body: Body) -> list[tuple[str, Any]]:
    return [(tool["function"]["name"], tool["function"]["parameters"]) for tool in body["tools"]]


def of_responses(body: Body) -> str:
    """As instructions, or as the first item."""
    return body.get("instructions") or said(body["input"][0]["content"])


def of_gemini(body: Body) -> list[tuple[str, Any]]:
    """Google's own kind of schema has types in capitals, and cannot say that an object is closed."""

    def plain(schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        lowered = {key: value.lower() if key == "type" else plain(value) for key, value in schema.items()}
        return {**lowered, "additionalProperties": False} if "properties" in schema else lowered

    def either(value: Body, name: str, older: str) -> Any:
        return value.get(name) or value.get(older)

    declared = [it for tool in body["tools"] for it in either(tool, "functionDeclarations", "function_declarations")]
    return [
        (it["name"], either(it, "parametersJsonSchema", "parameters_json_schema") or plain(it["parameters"]))
        for it in declared
    ]


def in_words(body: Body) -> tuple[str, ...]:
    """OpenAI's two ways: a word, or an object that names the function."""
    choice = body.get("tool_choice", "auto")
    return (choice,) if isinstance(choice, str) else ("named", choice.get("name") or choice["function"]["name"])


def in_types(body: Body) -> tuple[str, ...]:
    choice = body.get("tool_choice", {"type": "auto"})
    return {"tool": ("named", choice.get("name")), "any": ("required",)}.get(choice["type"], (choice["type"],))


def in_modes(body: Body) -> tuple[str, ...]:
    config = at(body, "toolConfig.functionCallingConfig") or {}
    names = config.get("allowedFunctionNames") or []
    return ("named", *names) if names else ({"NONE": "none", "ANY": "required"}.get(config.get("mode"), "auto"),)


def in_unions(body: Body) -> tuple[str, ...]:
    """Bedrock has no word for none; no call may be made where no tool is offered."""
    if "toolConfig" not in body:
        return ("none",)
    ((kind, said),) = (at(body, "toolConfig.toolChoice") or {"auto": {}}).items()
    return {"tool": ("named", said.get("name")), "any": ("required",)}.get(kind, (kind,))


def in_capitals(body: Body) -> tuple[str, ...]:
    """Cohere names no tool: the one that must be called is the only one that is offered."""
    choice = body.get("tool_choice")
    if choice == "REQUIRED" and len(body["tools"]) == 1:
        return ("named", body["tools"][0]["function"]["name"])
    return {"REQUIRED": ("required",), "NONE": ("none",)}.get(choice, ("auto",))


@dataclass(frozen=True)
class Upstream:
    """One dialect as a provider speaks it, and the fake behind it. Facts stand in `upstreams.json`, for Node's suite too."""

    # What the instructions were, and the tools with their schemas, and which must be called.
    system: Callable[[Body], str]
    tools: Callable[[Body], list[tuple[str, Any]]]
    choice: Callable[[Body], tuple[str, ...]]
    # The provider in the gateway's configuration, and below which path the fake speaks the dialect.
    provider: str
    path: str
    # What stands before a scenario's name: some codecs go by the model's family.
    family: str
    # Where these stand; an empty path where the dialect cannot say it.
    temperature: str
    stop: str
    bound: str
    # What it tells: a user's name, writing to a cache, tokens of thoughts.
    tells: frozenset[str]
    # The status of a request that is too large.
    too_large: int = 413
    # The smallest bound of output that is taken.
    least_bound: int = 1
    # Whether a refusal is text of a type of its own, a reason to stop, or ordinary words.
    refusal: str = "stop"
    # Whether thoughts come with a proof that must come back with them, and whether that stands on the part after them.
    signs: bool = True
    proof_apart: bool = False
    # Whether thoughts are told without a word that asks for a summary, which only Responses and Gemini have.
    thinks_aloud: bool = True
    # Whether what is said before a call is a plan: other dialects hear a thought.
    plans: bool = False
    # Whether it can be told to call one tool at a time.
    one_at_a_time: bool = True
    # Whether it opens images by their URL.
    opens_urls: bool = True
    # Whether each piece of a stream tells the usage so far.
    tells_so_far: bool = False
    # Of the AI SDK's settings, which it has no word for.
    lacks: tuple[str, ...] = ()

    def verified(self, count: int = 1) -> str:
        """What the fake says of thoughts that came back to it."""
        return f" ({count} signatures verified)" if self.signs else ""

    def writes(self, usage: dict[str, int]) -> dict[str, int]:
        """A report as a client can know it: what is not told to be written to a cache is input, and thoughts are output."""
        if "reasoning" in usage and "reasoning" not in self.tells:
            usage = {**usage, "reasoning": 0}
        if "cache_write" in self.tells:
            return usage
        return {**usage, "input": usage["input"] + usage["cache_write"], "cache_write": 0}


def of_types(body: Body) -> list[tuple[str, Any]]:
    return [(tool["name"], tool["input_schema"]) for tool in body["tools"]]


def of_specs(body: Body) -> list[tuple[str, Any]]:
    specs = [tool["toolSpec"] for tool in body["toolConfig"]["tools"]]
    return [(spec["name"], spec["inputSchema"]["json"]) for spec in specs]


def flat(body: Body) -> list[tuple[str, Any]]:
    return [(tool["name"], tool["parameters"]) for tool in body["tools"]]


def of_gemini_system(body: Body) -> str:
    return said((body.get("systemInstruction") or body["system_instruction"])["parts"])


# How instructions, tools and the choice among them are read from a request.
READERS: dict[str, tuple[Any, Any, Any]] = {
    "openai_chat": (first_message, of_functions, in_words),
    "openai_responses": (of_responses, flat, in_words),
    "anthropic": (lambda body: said(body["system"]), of_types, in_types),
    "gemini": (of_gemini_system, of_gemini, in_modes),
    "bedrock": (lambda body: said(body["system"]), of_specs, in_unions),
    "cohere": (first_message, of_functions, in_capitals),
}
FACTS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parents[1] / "upstreams.json").read_text())
UPSTREAMS = {
    dialect: Upstream(system, tools, choice, **{**FACTS[dialect], "tells": frozenset(FACTS[dialect]["tells"])})
    for dialect, (system, tools, choice) in READERS.items()
}
