"""A USART loader written apart from ours, from AN3155 alone: what our client and our chip could both misread, it reads
for itself.  python3 uart-board.py FACTS.json

FACTS: board.py names them; also protocol (BCD byte), extended (erases by 0x44 and not by 0x43), and its quirks:
  synced        it is in its command loop already: the first 0x7F is half a command, the second one is refused
  bigReads      short reads in the system memory are refused
  noUid         reads outside `system` are refused
  protected     readout protection level 1; doubleNack: each refusal by it comes twice
  earlyAck      readout unprotect acknowledges twice, then is silent while it erases
  countTooBig   Get says two commands more than there are
  pages N       an erase list of more units is refused
  dribble       each byte comes by itself
  banner        its application's last words come first
  deaf          the first 0x7F only sets its clock
  flip          a cell does not hold its bit
  swapped       another chip answers once something was written
  badRead       a bit of the flash is read wrong once
  nack N        the third block is refused so many times
  mute N        says nothing after N writes
"""

import os
import time

from board import (
    complain,
    erase_all,
    erase_units,
    facts,
    flash,
    in_system,
    may_program,
    memory,
    quirks,
    sectors,
    some,
    system,
    wire,
)

ACK, NACK = 0x79, 0x1F
locked = "protected" in quirks
synced = "synced" in quirks
writes = 0
refusals = quirks.get("nack", 0)
bad_read = "badRead" in quirks


def receive(count):
    got = b""
    while len(got) < count:
        got += some(count - len(got))
    return got


def send(*parts):
    out = b"".join(bytes([part]) if isinstance(part, int) else bytes(part) for part in parts)
    if "mute" in quirks and writes >= quirks["mute"]:
        return
    if "dribble" in quirks:
        for byte in out:
            os.write(wire, bytes([byte]))
            time.sleep(0.0005)
    else:
        os.write(wire, out)


def xor(data):
    value = 0
    for byte in data:
        value ^= byte
    return value


def framed(count):
    """So many bytes and their checksum; None when it is wrong."""
    data = receive(count + 1)
    if xor(data) == 0:
        return data[:-1]
    complain(f"checksum of {data.hex()}")
    send(NACK)
    return None


def address():
    data = framed(4)
    return None if data is None else int.from_bytes(data, "big")


def readable(at, count):
    if "noUid" in quirks and not in_system(at, count):
        return None
    if "bigReads" in quirks and not in_system(at, count) and count < 64:
        return None
    return system(at, count, other="swapped" in quirks and writes > 0)


def read():
    global bad_read
    send(ACK)
    at = address()
    if at is None:
        return
    if memory(at) is None and readable(at, 256) is None:
        return send(NACK)
    send(ACK)
    count, check = receive(2)
    if count ^ check != 0xFF:
        complain(f"length {count:02x} {check:02x}")
        return send(NACK)
    found = memory(at)
    data = readable(at, count + 1) if found is None else found[0][found[1] : found[1] + count + 1]
    if data is None or len(data) != count + 1:
        return send(NACK)
    if bad_read and writes and found is not None and found[0] is flash:
        bad_read = False
        data = bytes([data[0] ^ 1]) + bytes(data[1:])
    send(ACK, data)


def write():
    global writes, refusals
    send(ACK)
    at = address()
    if at is None:
        return
    found = memory(at)
    if found is None:
        complain(f"write to {at:08x}")
        return send(NACK)
    send(ACK)
    (count,) = receive(1)
    data = receive(count + 2)
    if count ^ xor(data):
        complain(f"checksum of a write to {at:08x}")
        return send(NACK)
    data = data[:-1]
    writes += 1
    if writes >= 3 and refusals > 0:
        refusals -= 1
        return send(NACK)
    where, offset = found
    if where is flash and not may_program(at, data):
        return send(NACK)
    where[offset : offset + len(data)] = data
    if "flip" in quirks and where is flash and offset <= 1000 < offset + len(data):
        where[1000] ^= 0x10
    send(ACK)


def erase():
    send(ACK)
    (count,) = receive(1)
    if count == 0xFF:
        (check,) = receive(1)
        erase_units(range(len(sectors)) if check == 0 else [])
        return send(ACK)
    data = receive(count + 2)
    if count ^ xor(data):
        complain("checksum of an erase")
        return send(NACK)
    erase_units(data[:-1])
    send(ACK)


def extended_erase():
    send(ACK)
    head = receive(2)
    count = int.from_bytes(head, "big")
    if count >= 0xFFF0:
        (check,) = receive(1)
        if count != 0xFFFF or check != 0 or not facts["massErase"]:
            return send(NACK)
        erase_all()
        return send(ACK)
    data = receive(2 * (count + 1) + 1)
    if xor(head + data):
        complain("checksum of an erase")
        return send(NACK)
    if count + 1 > quirks.get("pages", 0xFFFF):
        complain(f"erase of {count + 1} units at once")
        return send(NACK)
    erase_units([int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data) - 1, 2)])
    send(ACK)


def go():
    global synced
    send(ACK)
    at = address()
    if at is None:
        return
    if memory(at) is None:
        return send(NACK)
    send(ACK)
    # It runs the application now; who resets the board meets the loader again.
    synced = False


def unprotect():
    global locked, synced
    send(ACK)
    if "earlyAck" in quirks:
        send(ACK)
    time.sleep(0.4)
    erase_all()
    locked = False
    if "earlyAck" not in quirks:
        send(ACK)
    synced = False


protocol = facts["protocol"]
commands = {
    0x00: None,
    0x01: None,
    0x02: None,
    0x11: read,
    0x21: go,
    0x31: write,
    (0x44 if facts["extended"] else 0x43): extended_erase if facts["extended"] else erase,
    0x63: None,
    0x73: None,
    0x82: None,
    0x92: unprotect,
}
if "banner" in quirks:
    os.write(wire, b"app 1.4 ready\r\n> ")
deaf = "deaf" in quirks
while True:
    (code,) = receive(1)
    if not synced:
        if code == 0x7F and deaf:
            deaf = False
        elif code == 0x7F:
            synced = True
            send(ACK)
        continue
    (check,) = receive(1)
    if code ^ check != 0xFF or code not in commands:
        if code != 0x7F:
            complain(f"command {code:02x} {check:02x}")
        send(NACK)
    elif locked and code in (0x11, 0x21, 0x31, 0x43, 0x44, 0x63, 0x73, 0x82):
        send(NACK)
        if "doubleNack" in quirks:
            send(NACK)
    elif code == 0x00:
        more = 2 if "countTooBig" in quirks else 0
        send(ACK, len(commands) + more, protocol, list(commands), ACK)
    elif code == 0x01:
        send(ACK, protocol, 0, 0, ACK)
    elif code == 0x02:
        send(ACK, 1, facts["productId"].to_bytes(2, "big"), ACK)
    elif commands[code] is not None:
        commands[code]()
    else:
        complain(f"command {code:02x} is not played here")
        send(NACK)
