"""The way there: records into event files."""

import collections
import os
import sys
import time

from . import agents, proxies, usage
from .datasets import records
from .events import EventFile


def run(chosen, folder):
    """Writes one event file for each data set, and prints the counts by type."""
    os.makedirs(folder, exist_ok=True)
    pool, totals = proxies.Pool(), collections.Counter()
    for dataset in chosen:
        started, count = time.monotonic(), 0
        if dataset.kind == "proxies":
            mapping = pool
        elif dataset.kind == "agents":
            mapping = agents.Sessions(dataset)
        elif dataset.kind == "models":
            mapping = usage.ModelCalls(dataset)
        else:
            mapping = usage.Requests(dataset, pool)
        types = collections.Counter()
        file = EventFile(
            folder, f"{dataset.number:02}-{dataset.name}", compressed=dataset.lines is not None)
        for count, (line, record) in enumerate(records(dataset), 1):
            for text in mapping.events(dataset, line, record):
                file.write(text)
                types[type_of(text)] += 1
        file.close()
        totals.update(types)
        print(f"{os.path.basename(file.path)}: {count} records, {sum(types.values())} events")
        for name, number in sorted(types.items()):
            print(f"  {number:>9}  {name}")
        print(f"  {time.monotonic() - started:.1f} s", file=sys.stderr)
    print(f"all: {sum(totals.values())} events")
    for name, number in sorted(totals.items()):
        print(f"  {number:>9}  {name}")
    return 0


def type_of(line):
    """The type of an event, from its line: it stands before anything that a source wrote."""
    start = line.index('"type":"') + 8
    return line[start:line.index('"', start)]
