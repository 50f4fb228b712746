"""A serial-line CAN adapter and a CAN loader behind it, written apart from ours, from AN3154 and the Lawicel protocol
alone.  python3 can-board.py FACTS.json

FACTS: board.py names them; its quirks:
  synced        the loader's loop runs already: the first 0x79 is refused
  ones          what is left of a read behind its whole frames comes a byte a frame
  noSpeed       every other rate is refused
  speedAs2      the second yes to a new rate bears the id 0x02
  lateYes       each frame of a page list is acknowledged only if it is full, two come before the list
  protected     readout protection level 1
  noVersion     the adapter does not know V, N and F
  lower         the adapter writes hex digits in lower case
  times         the adapter adds its clock to each frame
  left          an earlier program left the channel open, at another rate
  quiet         the adapter does not confirm frames that it sent (z)
  dumbErase     erase is not answered at all
"""

import os
import time

from board import (
    complain,
    erase_all,
    erase_units,
    facts,
    flash,
    may_program,
    memory,
    quirks,
    some,
    system,
    wire,
)

YES, NO = b"\x79", b"\x1f"
rates = dict(zip("012345678", (10, 20, 50, 100, 125, 250, 500, 800, 1000)))
speeds = {1: 125, 2: 250, 3: 500, 4: 1000}
channel = None  # kbit/s while the adapter's channel is open
chosen = None
rate = 125  # the chip's
locked = "protected" in quirks
synced = "synced" in quirks
collecting = None  # what data frames are for: (bytes wanted, got, what then)
waiting = []  # frames that nobody on the bus has acknowledged yet

def deliver():
    while waiting and channel == rate:
        identifier, data = waiting.pop(0)
        digits = "%03X%d%s%s" % (identifier, len(data), data.hex().upper(), "1A2F" if "times" in quirks else "")
        os.write(wire, b"t%s\r" % (digits.lower() if "lower" in quirks else digits).encode())


def send(identifier, *frames):
    for frame in frames:
        waiting.append((identifier, bytes(frame)))
    deliver()


def read(data):
    at, count = int.from_bytes(data[:4], "big"), data[4] + 1
    found = memory(at, count)
    out = system(at, count) if found is None else found[0][found[1] : found[1] + count]
    if out is None:
        return send(0x11, NO)
    send(0x11, YES)
    whole = count // 8 * 8
    for i in range(0, whole, 8):
        send(0x11, out[i : i + 8])
    rest = bytes(out[whole:])
    if rest:
        send(0x11, *([bytes([byte]) for byte in rest] if "ones" in quirks else [rest]))
    send(0x11, YES)


def write(data):
    global collecting
    at, count = int.from_bytes(data[:4], "big"), data[4] + 1
    found = memory(at, count)
    if found is None or at % 4 or count % 4:
        complain(f"write of {count} to {at:08x}")
        return send(0x31, NO)
    where, offset = found

    def program(got):
        if where is flash and not may_program(at, got):
            return send(0x31, NO)
        where[offset : offset + count] = got
        send(0x31, YES)

    collecting = (0x31, count, b"", program)
    send(0x31, YES)


def erase(data):
    global collecting
    if "dumbErase" in quirks:
        return
    if data[0] == 0xFF:
        send(0x43, YES)
        erase_all()
        return send(0x43, YES)

    def clear(units):
        erase_units(units)
        send(0x43, YES)

    collecting = (0x43, data[0] + 1, b"", clear)
    send(0x43, YES)
    if "lateYes" in quirks:
        send(0x43, YES)


def more(data):
    global collecting
    command, count, got, then = collecting
    got += data
    if len(got) > count:
        complain(f"{len(got)} bytes of {count} in data frames")
    if command != 0x43 or "lateYes" not in quirks or len(data) == 8:
        send(command, YES)
    collecting = (command, count, got, then)
    if len(got) >= count:
        collecting = None
        then(got[:count])


def frame(identifier, data):
    global synced, rate, locked
    if collecting is not None:
        return more(data)
    if not synced:
        if identifier == 0x79:
            synced = True
            send(0x79, YES)
        return
    if locked and identifier in (0x03, 0x11, 0x21, 0x31, 0x43):
        return send(identifier, NO)
    if identifier == 0x00:
        codes = (0x00, 0x01, 0x02, 0x03, 0x11, 0x21, 0x31, 0x43, 0x63, 0x73, 0x82, 0x92)
        send(0x00, YES, bytes([len(codes)]), b"\x20", *(bytes([code]) for code in codes), YES)
    elif identifier == 0x01:
        send(0x01, YES, b"\x20", b"\x00\x00", YES)
    elif identifier == 0x02:
        send(0x02, YES, facts["productId"].to_bytes(2, "big"), YES)
    elif identifier == 0x03 and "noSpeed" in quirks:
        send(0x03, NO)
    elif identifier == 0x03 and data[:1] and data[0] in speeds:
        send(0x03, YES)
        rate = speeds[data[0]]
        send(0x02 if "speedAs2" in quirks else 0x03, YES)
    elif identifier == 0x11 and len(data) == 5:
        read(data)
    elif identifier == 0x31 and len(data) == 5:
        write(data)
    elif identifier == 0x43 and len(data) == 1:
        erase(data)
    elif identifier == 0x21 and len(data) == 4:
        send(0x21, YES)
        synced, rate = False, 125
    elif identifier == 0x92:
        send(0x92, YES)
        time.sleep(0.3)
        erase_all()
        send(0x92, YES)
        locked, synced, rate = False, False, 125
    else:
        if identifier != 0x79:
            complain(f"command {identifier:03x}#{data.hex()}")
        send(identifier, NO)


def command(line):
    global channel, chosen
    name, rest = line[:1], line[1:]
    if name == "S" and channel is None and rest in rates:
        chosen = rates[rest]
        os.write(wire, b"\r")
    elif name == "O" and channel is None and chosen is not None:
        channel = chosen
        os.write(wire, b"\r")
        deliver()
    elif name == "C":
        os.write(wire, b"\x07" if channel is None else b"\r")
        channel = None
    elif name in ("V", "N", "F") and "noVersion" not in quirks:
        os.write(wire, {"V": b"V1013\r", "N": b"NA123\r", "F": b"F00\r"}[name])
    elif name == "t" and channel is not None:
        data = bytes.fromhex(rest[4:])
        if len(data) != int(rest[3], 16):
            complain(f"length of {line}")
            return os.write(wire, b"\x07")
        os.write(wire, b"\r" if "quiet" in quirks else b"z\r")
        if channel == rate:
            frame(int(rest[:3], 16), data)
        else:
            complain(f"{line} at {channel} kbit/s, the chip listens at {rate}")
    else:
        os.write(wire, b"\x07")


if "left" in quirks:
    channel = 1000
pending = b""
while True:
    pending += some(4096)
    while b"\r" in pending:
        text, pending = pending.split(b"\r", 1)
        if text:
            command(text.decode("latin1"))
