"""What the boards of uart-board.py and can-board.py are made of: cells, a pty, and the file that keeps what the cells hold.

FACTS.json, the first word: link (path of the pty's name), dump (its flash, written at SIGTERM; beside it in .complaints
what the board holds against its host), productId, start, sectors (bytes of each erase unit),
erasedByte, align (bytes), massErase, system: [[start, endExclusive]...], cells: [[address, hex]...] that lie in it or
near it, quirks: {name: number}.
"""

import json
import os
import pty
import select
import signal
import sys
import time
import tty

facts = json.load(open(sys.argv[1]))
quirks = facts["quirks"]
sectors, start, erased = facts["sectors"], facts["start"], facts["erasedByte"]
flash = bytearray([erased]) * sum(sectors)
ram = bytearray(0x40000)
complaints = []

wire, host = pty.openpty()
tty.setraw(wire)
tty.setraw(host)


def end(*_):
    with open(facts["dump"], "wb") as file:
        file.write(flash)
    with open(facts["dump"] + ".complaints", "w") as file:
        file.write("".join(line + "\n" for line in complaints))
    os._exit(0)


signal.signal(signal.SIGTERM, end)
# It can be met from now on.
os.symlink(os.ttyname(host), facts["link"])


def complain(text):
    complaints.append(text)


def some(most):
    """What has come, up to so many bytes; waits for one."""
    while True:
        select.select([wire], [], [])
        try:
            return os.read(wire, most)
        except OSError:  # nobody has the other end open
            time.sleep(0.01)


def memory(at, count=1):
    """Cells that can be written and the place in them, or None."""
    for cells, base in ((flash, start), (ram, 0x20000000)):
        if base <= at and at + count <= base + len(cells):
            return cells, at - base
    return None


def in_system(at, count):
    return any(a <= at and at + count <= b for a, b in facts["system"])


def system(at, count, other=False):
    """Bytes of the system memory, its id (of another chip) and its size with it; None where there is nothing."""
    if not in_system(at, count) and not any(a - 512 <= at < a + 512 for a, _ in facts["cells"]):
        return None
    out = bytearray(count)
    for a, text in facts["cells"]:
        for i, byte in enumerate(bytes.fromhex(text)):
            if at <= a + i < at + count:
                out[a + i - at] = byte ^ (0x40 if other and len(text) == 8 else 0)
    return out


def erase_units(units):
    for unit in units:
        if unit < len(sectors):
            begin = sum(sectors[:unit])
            flash[begin : begin + sectors[unit]] = bytes([erased]) * sectors[unit]
        else:
            complain(f"erase of unit {unit} of {len(sectors)}")


def erase_all():
    flash[:] = bytes([erased]) * len(flash)


def may_program(at, data):
    """Whether these bytes, at a place in the flash, keep to its rules; what they break is complained of."""
    if at % facts["align"] or len(data) % facts["align"]:
        complain(f"{len(data)} bytes to {at:08x}: units of {facts['align']} bytes")
        return False
    if memory(at, len(data)) is None:
        complain(f"write past the end at {at:08x}")
        return False
    here = flash[at - start : at - start + len(data)]
    if any(byte != erased for byte in here) and here != data:
        complain(f"write over cells that are not blank at {at:08x}")
    return True
