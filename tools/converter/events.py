"""An event, its name rules, and files of events in the CloudEvents 1.0 JSON format."""

import gzip
import hashlib
import json
import os
from datetime import datetime, timezone
from functools import lru_cache

GZIP_FROM_BYTES = 2 << 20
NAME_BYTES_MAX = 255


@lru_cache(maxsize=4096)
def rfc3339(milliseconds):
    """`2015-05-17T10:05:03.000Z`; the division is exact, a float's would not always be."""
    seconds, rest = divmod(milliseconds, 1000)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text.rjust(19, '0')}.{rest:03}Z"


def stream(kind, key):
    """A stream's name: `kind/key`, with what a name may not hold made harmless and stable.

    Control characters and `%` are percent-encoded. A name that is too long ends in a hash.
    """
    safe = "".join(
        "".join(f"%{byte:02X}" for byte in char.encode())
        if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char == "%" else char
        for char in key)
    name = f"{kind}/{safe}"
    if len(name.encode()) <= NAME_BYTES_MAX:
        return name
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    head = name.encode()[: NAME_BYTES_MAX - 33].decode(errors="ignore")
    return f"{head}~{digest}"


def tags(*pairs):
    """Tags `name:value`, without those that would be too long for one."""
    made = [f"{name}:{value}" for name, value in pairs if value is not None]
    return [tag for tag in made if len(tag.encode()) <= NAME_BYTES_MAX]


def event(record_id, type_name, stream_name, at, data, tag_list=(), cause=None):
    """One event as its CloudEvents line. Without a time the store's clock counts."""
    fields = {
        "specversion": "1.0",
        "id": record_id,
        "source": "/datasets/" + record_id.split("/", 1)[0],
        "type": type_name,
        "subject": stream_name,
    }
    if at is not None:
        fields["time"] = rfc3339(at)
    fields["datacontenttype"] = "application/json"
    if tag_list:
        fields["tags"] = json.dumps(list(tag_list), ensure_ascii=False, separators=(",", ":"))
    if cause:
        fields["metadata"] = json.dumps({"causation_id": cause}, separators=(",", ":"))
    fields["data"] = data
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


class EventFile:
    """A file that grows line by line, and is compressed when it gets large or when asked to be.

    The bytes depend on the lines alone: the gzip header carries neither time nor name.
    """

    def __init__(self, folder, name, compressed):
        self.base = os.path.join(folder, name + ".jsonl")
        self.pending, self.pending_bytes, self.file = [], 0, None
        self.path = self.base + (".gz" if compressed else "")
        if compressed:
            self._compress()

    def write(self, line):
        text = line.encode("utf-8")
        if self.file is not None:
            self.file.write(text)
            return
        self.pending.append(text)
        self.pending_bytes += len(text)
        if self.pending_bytes > GZIP_FROM_BYTES:
            self._compress()

    def close(self):
        """Leaves exactly one file: an earlier run may have left the other form behind."""
        if self.file is None:
            with open(self.base, "wb") as file:
                file.writelines(self.pending)
        else:
            self.file.close()
            self.raw.close()
        stale = self.base if self.path != self.base else self.base + ".gz"
        if os.path.exists(stale):
            os.remove(stale)

    def _compress(self):
        self.path = self.base + ".gz"
        self.raw = open(self.path, "wb")
        self.file = gzip.GzipFile("", "wb", 9, self.raw, mtime=0)
        self.file.writelines(self.pending)
        self.pending = []
