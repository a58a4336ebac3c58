"""A JSON schema as a grammar that the model is held to while it writes.

OpenVINO GenAI takes JSON schemas itself, but in 2026.4 a schema it cannot read stops the whole pipeline for everybody,
a letter such as 'ß' before one of the letters a to f becomes another character in names and fixed values, and a model
may write blanks between two values for ever. A grammar of our own has none of the three: what it cannot express is
refused beforehand, each such letter stands alone, and there is no room for blanks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from docmind.errors import EngineError

_BASE = r"""
character ::= [^"\\\x00-\x1f] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})
integer ::= "-"? ("0" | [1-9] [0-9]{0,14})
number ::= integer ("." [0-9]{1,15})? ([eE] [+-]? [0-9]{1,2})?
"""
_SIMPLE = {"integer": "integer", "number": "number", "boolean": '("true" | "false")', "null": '"null"'}
_MOST_NUMBERS = 1000  # a range of whole numbers is spelled out
# What only describes, and what is read together with the keyword it belongs to.
_HARMLESS = {"title", "description", "default", "examples", "$schema", "$id", "$defs", "definitions", "deprecated"}
_BELONGING = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength"},
    "integer": {"minimum", "maximum"},
}


def grammar_of(schema: Mapping[str, Any]) -> str:
    """The grammar of the JSON documents that a schema allows, without blanks between their parts.

    Args:
        schema: Objects with named properties, arrays, strings, numbers, enumerations, alternatives and references.
            Properties come in the order in which they stand; only named ones are written.

    Raises:
        EngineError: the schema asks for something else; the message names it.
    """
    return _Grammar(schema).text()


class _Grammar:
    """The rules that have been made, by the place in the schema that they are for."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._rules: dict[str, str] = {}
        self._references: dict[str, str] = {}

    def text(self) -> str:
        """All rules, beginning with `root`."""
        root = self._of(self._schema)
        rules = "\n".join(f"{name} ::= {body}" for name, body in self._rules.items())
        return f"root ::= {root}\n{rules}{_BASE}"

    def _of(self, schema: Any) -> str:
        if not isinstance(schema, Mapping):
            raise _refusal(f"the value {json.dumps(schema)} in place of a description")
        asked = {name: value for name, value in schema.items() if name not in _HARMLESS}
        match asked:
            case {"$ref": str(place), **rest} if not rest:
                made = self._reference(place)
            case {"const": value, **_rest}:
                made = _literal(value)
            case {"enum": [*values], **_rest} if values:
                made = _either(map(_literal, values))
            case {"anyOf": [*kinds], **rest} | {"oneOf": [*kinds], **rest} if kinds and not rest:
                made = _either(map(self._of, kinds))
            case {"allOf": [kind], **rest} if not rest:
                made = self._of(kind)
            case {"type": [*names], **rest} if names:
                made = _either(self._of({**_fitting(rest, name), "type": name}) for name in names)
            case {"type": str(name), **rest}:
                made = self._of_type(name, rest)
            case {**rest} if not rest:
                made = _either(self._of({"type": name}) for name in ("string", "number", "boolean", "null"))
            case _:
                raise _refusal(json.dumps(asked, ensure_ascii=False)[:80])
        return made

    def _of_type(self, name: str, asked: Mapping[str, Any]) -> str:
        if unknown := sorted(asked.keys() - _BELONGING.get(name, set())):
            raise _refusal(f"'{unknown[0]}' for values of type '{name}'")
        match name:
            case "object":
                return self._object(asked)
            case "array":
                return self._array(asked)
            case "string":
                return rf'"\"" character{_times(asked.get("minLength", 0), asked.get("maxLength"))} "\""'
            case "integer" if asked:
                return _range(asked)
            case _ if name in _SIMPLE:
                return _SIMPLE[name]
        raise _refusal(f"type '{name}'")

    def _object(self, asked: Mapping[str, Any]) -> str:
        properties, required = asked.get("properties", {}), set(asked.get("required", ()))
        if missing := sorted(required - properties.keys()):
            raise _refusal(f"the required property '{missing[0]}', which is not described")
        if asked.get("additionalProperties", False) not in (False, True):
            raise _refusal("'additionalProperties' with a schema")
        members = [(f'{_literal(name)} ":" {self._of(kind)}', name in required) for name, kind in properties.items()]
        # From the end forwards, each rule is what may follow: with a member before it, and without.
        following, beginning = '""', '""'
        for member, needed in reversed(members):
            more = self._rule(following)
            first, later = f"{member} {more}", f'"," {member} {more}'
            following, beginning = (
                (later, first) if needed else (f"({later}) | {more}", f"({first}) | {self._rule(beginning)}")
            )
        return f'"{{" {self._rule(beginning)} "}}"'

    def _array(self, asked: Mapping[str, Any]) -> str:
        least, most = asked.get("minItems", 0), asked.get("maxItems")
        if most == 0:
            return '"[]"'
        item = self._rule(self._of(asked.get("items", {})))
        items = f'{item} ("," {item}){_times(max(least - 1, 0), None if most is None else most - 1)}'
        return f'"[" {items} "]"' if least else f'"[" ({items})? "]"'

    def _reference(self, place: str) -> str:
        if place not in self._references:
            # Named before it is made, because it may refer to itself.
            self._references[place] = name = f"rule{len(self._rules)}"
            self._rules[name] = ""
            self._rules[name] = self._of(_at(self._schema, place))
        return self._references[place]

    def _rule(self, body: str) -> str:
        name = f"rule{len(self._rules)}"
        self._rules[name] = body
        return name


def _literal(value: Any) -> str:
    """A fixed JSON value; every letter beyond ASCII stands alone, or its code would swallow the letters after it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    parts = re.findall(r"[\x00-\x7f]+|.", text)
    return " ".join('"' + part.replace("\\", r"\\").replace('"', r"\"") + '"' for part in parts)


def _either(alternatives: Iterable[str]) -> str:
    return "(" + " | ".join(alternatives) + ")"


def _fitting(asked: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What of the keywords beside several types belongs to one of them; what belongs to none stays, to be refused."""
    others = set().union(*(words for kind, words in _BELONGING.items() if kind != name))
    own = _BELONGING.get(name, set())
    return {word: value for word, value in asked.items() if word in own or word not in others}


def _times(least: int, most: int | None) -> str:
    if most is None:
        return "*" if least == 0 else f"{{{least},}}"
    return f"{{{least},{most}}}"


def _range(asked: Mapping[str, Any]) -> str:
    least, most = asked.get("minimum"), asked.get("maximum")
    if least is None or most is None or not 0 <= most - least < _MOST_NUMBERS:
        raise _refusal(f"a whole number without both bounds, or with more than {_MOST_NUMBERS:,} between them")
    return _either(f'"{number}"' for number in range(int(least), int(most) + 1))


def _at(schema: Any, place: str) -> Any:
    """What a reference such as '#/$defs/Person' points at."""
    head, *steps = place.split("/")
    if head != "#":
        raise _refusal(f"the reference '{place}' to another document")
    found = schema
    for step in (step.replace("~1", "/").replace("~0", "~") for step in steps):
        if not isinstance(found, Mapping) or step not in found:
            raise _refusal(f"the reference '{place}', which leads nowhere")
        found = found[step]
    return found


def _refusal(what: str) -> EngineError:
    return EngineError(
        f"OpenVINO cannot hold an answer to this form: {what}. Leave that out of the schema, or choose another engine "
        "(DOCMIND_ENGINE)."
    )
