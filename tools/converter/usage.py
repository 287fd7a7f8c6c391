"""Model calls as `hook_event.received`; requests as `proxy_usage.recorded` and rotations."""

import hashlib

from .datasets import DataError
from .events import event, stream, tags

HOUR_MS = 3_600_000
ERROR_TYPES = {403: "blocked", 407: "proxy_auth_failed", 408: "timeout", 429: "rate_limited"}


class ModelCalls:
    """A call of a model is what a hook would have reported about it."""

    def __init__(self, dataset):
        self.dataset = dataset

    def events(self, dataset, line, record):
        payload = {n: v for n, v in record.items() if n not in ("kind", "at", "session")}
        # A source without sessions is one session of its own.
        session = record.get("session", dataset.name)
        data = {
            "hook_event_id": dataset.row_id(line), "source_app": dataset.app,
            "session_id": session, "hook_event_type": "ModelCall", "payload": payload,
            "timestamp": record["at"]}
        yield event(
            f"{dataset.name}/{line}", "hook_event.received", stream("hook_session", session),
            record["at"], data, tags(("session", session)))


class Requests:
    """A request log, read as what a pool of proxies carried.

    In each hour a client is served by one proxy of the pool, which a hash picks. When the pick
    differs from the client's last, the client was rotated.
    """

    def __init__(self, dataset, pool):
        if not pool.places:
            raise DataError(
                f"{dataset.name} needs the proxies that carried it; convert a history of proxies "
                "together with it.")
        self.proxies = sorted(pool.places)
        self.serving = {}

    def events(self, dataset, line, record):
        at, session = record["at"], f"{dataset.name}/{record['client']}"
        before, now = self.serving.get(session), self._pick(session, at // HOUR_MS)
        self.serving[session] = now
        record_id = f"{dataset.name}/{line}"
        if now != before:
            yield event(
                f"{record_id}/rotation", "proxy_rotation.occurred",
                stream("proxy_rotation", session), at,
                {"rotation_id": f"{record_id}/rotation", "previous_proxy_id": before,
                 "new_proxy_id": now, "reason": "scheduled" if before else "startup",
                 "session_id": session, "at": at},
                tags(("proxy", before), ("proxy", now)), cause=record_id)
        yield event(
            record_id, "proxy_usage.recorded", stream("proxy_usage", now), at,
            self._usage(now, session, record), tags(("proxy", now)))

    def _pick(self, session, hour):
        digest = hashlib.sha256(f"{session}/{hour}".encode()).digest()
        return self.proxies[int.from_bytes(digest[:8], "big") % len(self.proxies)]

    @staticmethod
    def _usage(proxy, session, record):
        status = record["status"]
        failed = int(status >= 400)
        own = ("kind", "at", "client", "bytes_received")
        data = {"proxy_id": proxy, "requests": 1, "successful": 1 - failed, "failed": failed,
                "bytes_sent": 0}
        if "bytes_received" in record:
            data["bytes_received"] = record["bytes_received"]
        if failed:
            data["error"] = {"type": ERROR_TYPES.get(status, "other"), "message": f"HTTP {status}"}
        request = {n: v for n, v in record.items() if n not in own}
        return data | {"session_id": session, "request": request, "at": record["at"]}


def model_call(envelope, dataset):
    """The model call that an event was made of."""
    data = envelope["data"]
    found = {"kind": "llm", "at": data["timestamp"], **data["payload"]}
    if data["session_id"] != dataset.name:
        found["session"] = data["session_id"]
    return found


def request(envelope, dataset):
    """The request that an event was made of."""
    data = envelope["data"]
    client = data["session_id"].removeprefix(dataset.name + "/")
    found = {"kind": "request", "at": data["at"], "client": client, **data["request"]}
    if "bytes_received" in data:
        found["bytes_received"] = data["bytes_received"]
    return found
