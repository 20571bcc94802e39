"""Pictures of marks: the smallest that are taken."""

from struct import pack
from zlib import compress, crc32

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BODY = '<path d="M1 1h8v8z" fill="url(#a)" style="stroke: rgb(0, 90, 60)"/>'


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    """Return a chunk of a PNG."""
    return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))


def png(width: int = 32, height: int = 32) -> bytes:
    """Return a black picture of one bit to the pixel."""
    rows = compress(bytes(1 + -(-width // 8)) * height)
    header = chunk(b"IHDR", pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return SIGNATURE + header + chunk(b"IDAT", rows) + chunk(b"IEND")


def svg(body: str = BODY, root: str = 'viewBox="0 0 10 10"', before: str = "") -> bytes:
    """Return an SVG with something in it."""
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" {root}>{body}</svg>'.encode()
