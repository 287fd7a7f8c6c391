"""Changes of proxies: `proxy.added`, `proxy.updated`, `proxy.removed`, and back."""

from .datasets import DataError
from .events import event, stream

KEY = ("host", "port", "protocol")
PLACE = ("asn", "city", "country")
EVENT_NAMES = {"latency_ms": "latency"}
RECORD_NAMES = {"latency": "latency_ms"}


def proxy_id(record):
    """The address is the id: a proxy that is removed and added again is the same proxy."""
    return f"{record['host']}:{record['port']}/{record['protocol']}"


class Pool:
    """The proxies that exist at this point of the import, with where each is."""

    def __init__(self):
        self.places = {}

    def events(self, dataset, line, record):
        """The one event of a record."""
        key, at = proxy_id(record), record["at"]
        known = {n: v for n, v in record.items() if n not in (*KEY, "at", "op", "was")}
        if record["op"] == "added" and key not in self.places:
            kind = "added"
            data = {
                "proxy_id": key, "name": f"{record['host']}:{record['port']}",
                "host": record["host"], "port": record["port"], "protocol": record["protocol"],
                **self._attributes(key, known, {}), "at": at}
        elif record["op"] == "added":
            # An earlier data set left it in the pool. Adding it twice would be refused.
            kind = "updated"
            data = {"proxy_id": key, "changed": self._attributes(key, known, {}),
                    "op": "added", "at": at}
        elif record["op"] == "changed":
            kind = "updated"
            data = {"proxy_id": key, "changed": self._attributes(key, known, self._place(key)),
                    "was": record["was"], "at": at}
        elif record["op"] == "removed":
            kind = "removed"
            del self.places[key]
            data = {"proxy_id": key, "at": at}
        else:
            raise DataError(f"{dataset.path}:{line}: `{record['op']}` is no kind of change.")
        yield event(f"{dataset.name}/{line}", f"proxy.{kind}", stream("proxy", key), at, data)

    def _place(self, key):
        if key not in self.places:
            raise DataError(f"{key} is changed while absent; convert the file from its first line.")
        return self.places[key]

    def _attributes(self, key, known, place):
        """The attributes by their names in events; where a proxy is travels as one object."""
        made = {EVENT_NAMES.get(n, n): v for n, v in known.items() if n not in PLACE}
        new = {n: known.get(n, place.get(n)) for n in PLACE}
        new = {n: v for n, v in new.items() if v is not None}
        self.places[key] = new
        if any(n in known for n in PLACE):
            made["geolocation"] = new or None
        return made


def record(envelope):
    """The record that an event was made of."""
    data = envelope["data"]
    address, protocol = data["proxy_id"].rsplit("/", 1)
    host, port = address.rsplit(":", 1)
    found = {"at": data["at"], "host": host, "port": int(port), "protocol": protocol}
    kind = envelope["type"].removeprefix("proxy.")
    found["op"] = data.get("op", {"updated": "changed"}.get(kind, kind))
    own = ("proxy_id", "name", *KEY, "at", "op", "was", "changed")
    attributes = data["changed"] if kind == "updated" else data
    for name, value in attributes.items():
        if name == "geolocation":
            found.update({n: v for n, v in (value or {}).items()})
        elif name not in own:
            found[RECORD_NAMES.get(name, name)] = value
    if found["op"] == "changed":
        found["was"] = data["was"]
        for name in PLACE:
            # The whole place is in the event; what the change touched is what it replaced.
            if name in data["was"]:
                found.setdefault(name, None)
            else:
                found.pop(name, None)
    return found
