"""Draws one gradient: the work item comes as JSON on standard input, results go as lines of JSON to standard output."""

import json
import math
import os
import struct
import sys
import zlib


def say(**words):
    """One line of the protocol."""
    print(json.dumps(words), flush=True)


def png(size, rows):
    """An 8-bit grey PNG of rows of bytes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    raw = b"".join(b"\0" + row for row in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def main():
    task = json.load(sys.stdin)
    params = task["params"]
    angle = math.radians(task["item"]["attributes"]["angle"])
    size = params["size"]
    x_part, y_part = math.cos(angle), math.sin(angle)
    length = abs(x_part) + abs(y_part)

    def value(x, y):
        at = ((x / max(1, size - 1) - 0.5) * x_part + (y / max(1, size - 1) - 0.5) * y_part) / length + 0.5
        return at * at * (3 - 2 * at) if params["curve"] == "smooth" else at

    rows = []
    for y in range(size):
        rows.append(bytes(round(255 * min(1, max(0, value(x, y)))) for x in range(size)))
        say(progress={"fraction": (y + 1) / size})

    name = "gradient.png"
    with open(os.path.join(task["context"]["directory"], name), "wb") as file:
        file.write(png(size, rows))
    say(output={"path": name, "tag": "file/image"})
    say(attributes={"mean": sum(map(sum, rows)) / (255 * size * size)})


main()
