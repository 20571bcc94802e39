"""What GS1 allows in a linkset and in a resolver's description file, as JSON schemas.

Written after the schemas GS1 publishes at ref.gs1.org/standards/resolver, narrowed to what we use.
"""

from typing import Any

LINK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "href": {"type": "string", "pattern": r"^https?://[a-zA-Z0-9./]+"},
        "title": {"type": "string"},
        "hreflang": {"type": "array", "items": {"type": "string", "pattern": r"(^\w{2}$)|(^\w{2}-\w{2}$)"}},
        "type": {"type": "string", "pattern": r"\w+/[-+.\w]+"},
        "context": {"type": "array"},
    },
    "required": ["href", "title"],
    "additionalProperties": False,
}
LINKSET_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "linkset": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "anchor": {"type": "string", "pattern": r"^https?://[a-zA-Z0-9./]+"},
                    "itemDescription": {"type": "string"},
                },
                "patternProperties": {r"^https?://[a-zA-Z0-9./]+$": {"type": "array", "items": LINK_SCHEMA}},
                "required": ["anchor", "itemDescription"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["linkset"],
    "additionalProperties": False,
}
"""What both of GS1's schemas of linksets allow: the one its suite uses and the one the standard publishes."""
DESCRIPTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "resolverRoot": {"type": "string", "format": "uri"},
        "supportedPrimaryKeys": {"type": "array", "items": {"enum": ["all", "01"]}},
        "name": {"type": "string"},
        "supportedLinkType": {
            "type": "array",
            "items": {
                "properties": {
                    "namespace": {"type": "string", "format": "uri"},
                    "prefix": {"type": "string", "pattern": "^[a-zA-Z_][A-Za-z0-9_-]*?:$"},
                }
            },
        },
        "linkTypeDefaultCanBeLinkset": {"type": "boolean"},
        "jsonLdContextLocation": {"type": "string", "format": "uri"},
    },
    "required": ["resolverRoot", "supportedPrimaryKeys"],
    "additionalProperties": False,
}
