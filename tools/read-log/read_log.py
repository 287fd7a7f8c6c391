#!/usr/bin/env python3
"""Prints the events of an Annals log as JSON lines; written from docs/format.md alone.

It needs Python 3 and the program mdb_dump (Debian: lmdb-utils). Every record is verified: the header's
checksum, the digest of the data, and the rules that hold between records. The log may be in use.

    read_log.py STORE/log
"""

import hashlib
import json
import shutil
import struct
import subprocess
import sys

MASK = (1 << 64) - 1
PRIMES = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
FIXED_PART = 88
OCCURRED_IS_GIVEN = 1


class Damaged(Exception):
    """A record is not what the format says."""


def rotate(word, bits):
    return (word << bits | word >> (64 - bits)) & MASK


def xxh64(data):
    """XXH64 with seed 0."""
    p1, p2, p3, p4, p5 = PRIMES

    def mix(lane, word):
        return rotate((lane + word * p2) & MASK, 31) * p1 & MASK

    at = 0
    if len(data) >= 32:
        lanes = [(p1 + p2) & MASK, p2, 0, -p1 & MASK]
        while len(data) - at >= 32:
            words = struct.unpack_from("<4Q", data, at)
            lanes = [mix(lane, word) for lane, word in zip(lanes, words)]
            at += 32
        result = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            result = ((result ^ mix(0, lane)) * p1 + p4) & MASK
    else:
        result = p5
    result = (result + len(data)) & MASK
    while len(data) - at >= 8:
        word, = struct.unpack_from("<Q", data, at)
        result = (rotate(result ^ mix(0, word), 27) * p1 + p4) & MASK
        at += 8
    if len(data) - at >= 4:
        word, = struct.unpack_from("<I", data, at)
        result = (rotate(result ^ word * p1 & MASK, 23) * p2 + p3) & MASK
        at += 4
    for byte in data[at:]:
        result = rotate(result ^ byte * p5 & MASK, 11) * p1 & MASK
    result = (result ^ result >> 33) * p2 & MASK
    result = (result ^ result >> 29) * p3 & MASK
    return result ^ result >> 32


def decode(record):
    """The parts of one record, verified."""
    if len(record) < FIXED_PART:
        raise Damaged("it is shorter than a header")
    (check, layout, flags, schema_version, header_length, revision, recorded, occurred, digest,
     type_length, stream_length, id_length, tag_count, tags_length, reserved, metadata_length,
     data_length) = struct.unpack_from(">QBBHIQqq32sBBBBHHII", record)
    if header_length < FIXED_PART or header_length + data_length != len(record):
        raise Damaged("its lengths do not add up")
    header, data = record[:header_length], record[header_length:]
    if xxh64(header[8:]) != check:
        raise Damaged("its header's checksum does not match")
    if layout != 1 or flags & ~OCCURRED_IS_GIVEN or reserved:
        raise Damaged("it is of a newer format")
    if hashlib.sha256(data).digest() != digest:
        raise Damaged("its data does not match its digest")

    at = FIXED_PART

    def take(length):
        nonlocal at
        at += length
        return header[at - length:at]

    kind, stream, identity = take(type_length), take(stream_length), take(id_length)
    tag_bytes, metadata = take(tags_length), take(metadata_length)
    if at != header_length:
        raise Damaged("its parts do not fill its header")
    tags = []
    while tag_bytes:
        tags.append(tag_bytes[1:1 + tag_bytes[0]].decode())
        tag_bytes = tag_bytes[1 + tag_bytes[0]:]
    if len(tags) != tag_count:
        raise Damaged("its tags do not fill their place")
    return {
        "type": kind.decode(), "stream": stream.decode(), "revision": revision,
        "id": identity.decode() or None, "occurred": occurred, "recorded": recorded, "tags": tags,
        "schemaVersion": schema_version, "metadata": metadata, "data": data,
        "leaf": hashlib.sha256(b"\x00" + header).hexdigest(),
    }


def dump(folder):
    """Keys and values of the table of events, in order."""
    if shutil.which("mdb_dump") is None:
        sys.exit("read_log.py: mdb_dump is missing; Debian has it in lmdb-utils")
    with subprocess.Popen(["mdb_dump", "-s", "events", folder], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            if line == b"HEADER=END\n":
                break
        for line in process.stdout:
            if line == b"DATA=END\n":
                break
            yield bytes.fromhex(line.decode()), bytes.fromhex(next(process.stdout).decode())
    if process.returncode:
        sys.exit(f"read_log.py: mdb_dump failed with {process.returncode}")


def line(position, event):
    """One JSON line; the texts of metadata and data stay as they were given."""
    def text(json_bytes):
        # Outside of strings a line break is only spacing, and inside it cannot stand.
        return json_bytes.decode().replace("\n", " ").replace("\r", " ") or "null"

    parts = [f'"position":{position}']
    for name, value in event.items():
        rendered = text(value) if isinstance(value, bytes) else json.dumps(value)
        parts.append(f'"{name}":{rendered}')
    return "{" + ",".join(parts) + "}"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: read_log.py STORE/log")
    revisions, last_recorded = {}, None
    for expected, (key, record) in enumerate(dump(sys.argv[1]), start=1):
        position, = struct.unpack(">Q", key)
        try:
            if position != expected:
                raise Damaged(f"the record at position {expected} is missing before it")
            event = decode(record)
            revision = revisions.get(event["stream"], 0) + 1
            revisions[event["stream"]] = revision
            if event["revision"] != revision:
                raise Damaged(f"its revision is {event['revision']}, expected was {revision}")
            if last_recorded is not None and event["recorded"] < last_recorded:
                raise Damaged("it was recorded before the one before it")
            last_recorded = event["recorded"]
        except Damaged as problem:
            sys.exit(f"read_log.py: the record at position {position} is damaged: {problem}")
        print(line(position, event))


if __name__ == "__main__":
    main()
