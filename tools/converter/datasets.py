"""The data sets: their order of import, their files and the slices of the sample."""

import gzip
import json
import os
from dataclasses import dataclass, replace


class DataError(Exception):
    """A file or a line is not what the mapping expects; the message says which and what to do."""


@dataclass(frozen=True)
class Dataset:
    """One file of records.

    `number` is the data set's share of all integer ids and never changes: see `row_id`.
    `sample_lines` is how many lines from the first the sample takes; 0 where the licence of the
    source does not allow to pass it on, or the file is too large.
    """

    number: int
    name: str
    kind: str
    app: str = ""
    sample_lines: int = 0
    path: str = ""
    lines: int | None = None

    def row_id(self, line):
        """An integer id for what a line describes: stable, unique, in order of appearance."""
        return self.number * 10_000_000 + line


EVERY_LINE = 10_000_000

# The history of the proxies comes first: everything that refers to a proxy needs it.
# Its slices end where a commit of the source ends, so that each shows a state that was published.
ALL = [
    Dataset(1, "proxies-clarketm-2017-2022", "proxies"),
    Dataset(2, "proxies-clarketm-2022-2023", "proxies", sample_lines=39_793),
    Dataset(3, "proxies-stormsia-2026-05", "proxies", sample_lines=19_999),
    Dataset(4, "agents-claude-code", "agents", "claude-code", EVERY_LINE),
    Dataset(5, "agents-swe-agent", "agents", "swe-agent", EVERY_LINE),
    Dataset(6, "agents-tau-airline", "agents", "tau-bench", EVERY_LINE),
    Dataset(7, "usage-llm-azure-conv-2023", "models", "azure-llm-inference", EVERY_LINE),
    Dataset(8, "usage-llm-claude-code", "models", "claude-code", EVERY_LINE),
    Dataset(9, "usage-llm-deepseek-2026", "models", "mini-swe-agent", EVERY_LINE),
    Dataset(10, "usage-web-apache-2015", "requests", sample_lines=EVERY_LINE),
    Dataset(11, "usage-web-nasa-1995", "requests"),
]


def choose(folder, only, sample):
    """The data sets to work on, each with its file, in order of import."""
    chosen = []
    for dataset in ALL:
        if (only and dataset.name not in only) or (sample and not dataset.sample_lines):
            continue
        paths = [os.path.join(folder, dataset.name + end) for end in (".jsonl", ".jsonl.gz")]
        path = next((path for path in paths if os.path.exists(path)), None)
        if path is None and (only or sample):
            raise DataError(f"{paths[0]}[.gz] does not exist; name its folder with --data.")
        if path is not None:
            lines = dataset.sample_lines if sample else None
            chosen.append(replace(dataset, path=path, lines=lines))
    if not chosen:
        raise DataError(f"{folder} holds no known data set; docs/data.md lists their names.")
    return chosen


def lines(path):
    """The lines of a plain or gzip file as text, numbered from 1."""
    opened = gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")
    with opened as file:
        for number, line in enumerate(file, 1):
            yield number, line.decode("utf-8")


def records(dataset):
    """The records of a data set with their line numbers."""
    for number, line in lines(dataset.path):
        if dataset.lines is not None and number > dataset.lines:
            return
        try:
            yield number, json.loads(line)
        except ValueError as error:
            raise DataError(f"{dataset.path}:{number}: the line is no JSON: {error}.") from error


def canonical(value):
    """JSON in one form: names sorted, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
