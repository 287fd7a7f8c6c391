"""The way back: event files into records, compared with the source one by one."""

import json
import os
import sys

from . import agents, proxies, usage
from .datasets import DataError, canonical, lines, records

NAME_BYTES_MAX = 255
DATA_BYTES_MAX = 64 << 20
DEPTH_MAX = 64
SHOWN_MAX = 5


def run(chosen, folder):
    """Prints what was compared for each data set; 1 when a record differs, lacks or is extra."""
    compared = wrong = 0
    for dataset in chosen:
        made = events(dataset, folder)
        count = differs = 0
        upcoming = next(made, None)
        for line, source in records(dataset):
            count += 1
            if upcoming is None or upcoming[0] != line:
                differs += 1
                report(differs, dataset, line, "no event was made of the record")
                continue
            found = reverse(dataset, upcoming[1])
            if canonical(found) != canonical(source):
                differs += 1
                report(differs, dataset, line, "the event gives another record back")
            upcoming = next(made, None)
        if upcoming is not None:
            differs += 1
            report(differs, dataset, upcoming[0], "an event has no record, or not in its order")
        print(f"{dataset.name}: {count} records compared, {differs} differ")
        compared, wrong = compared + count, wrong + differs
    print(f"all: {compared} records compared, {wrong} differ")
    return 1 if wrong else 0


def report(count, dataset, line, what):
    """Shows the first few differences; the count tells the rest."""
    if count <= SHOWN_MAX:
        print(f"{dataset.name}:{line}: {what}", file=sys.stderr)


def events(dataset, folder):
    """The events that stand for a record, by line; those that were derived are passed over."""
    base = os.path.join(folder, f"{dataset.number:02}-{dataset.name}.jsonl")
    path = next((path for path in (base, base + ".gz") if os.path.exists(path)), None)
    if path is None:
        raise DataError(f"{base}[.gz] does not exist; convert first, or name its folder with --out.")
    seen = set()
    for number, text in lines(path):
        envelope = json.loads(text, object_pairs_hook=distinct)
        refuse_outside_limits(path, number, envelope)
        if envelope["id"] in seen:
            raise DataError(f"{path}:{number}: the id {envelope['id']} occurs twice.")
        seen.add(envelope["id"])
        parts = envelope["id"].split("/")
        if len(parts) == 2:
            yield int(parts[1]), envelope


def reverse(dataset, envelope):
    """The record that an event was made of."""
    if dataset.kind == "proxies":
        return proxies.record(envelope)
    if dataset.kind == "agents":
        return agents.record(envelope)
    if dataset.kind == "models":
        return usage.model_call(envelope, dataset)
    return usage.request(envelope, dataset)


def distinct(pairs):
    """An object, whose names must all differ."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise DataError(f"a name occurs twice in an object: {[name for name, _ in pairs]}.")
    return made


def refuse_outside_limits(path, number, envelope):
    """What a store would refuse is refused here, with the line."""
    names = [envelope["id"], envelope["type"], envelope["subject"]]
    names += json.loads(envelope.get("tags", "[]"))
    for name in names:
        if not 1 <= len(name.encode()) <= NAME_BYTES_MAX or any(ord(c) < 32 for c in name):
            raise DataError(f"{path}:{number}: {name!r} is no name of 1 to 255 bytes.")
    if len(canonical(envelope["data"]).encode()) > DATA_BYTES_MAX:
        raise DataError(f"{path}:{number}: the data is larger than 64 MiB.")
    if depth(envelope["data"]) > DEPTH_MAX:
        raise DataError(f"{path}:{number}: the data nests deeper than {DEPTH_MAX}.")


def depth(value):
    """How deep a value nests; 0 for one that does not."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0
