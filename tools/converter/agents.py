"""Agents' sessions: `agent_session.*`, `agent_message.*`, `agent_tool_call.*`, `hook_event.*`."""

from .datasets import DataError
from .events import event, stream, tags

PROVIDERS = {"claude-code": "anthropic", "tau-bench": "openai"}
UNKNOWN = "unknown"


class Sessions:
    """What the records of one data set refer to: sessions, messages and calls by source ids."""

    def __init__(self, dataset):
        self.dataset = dataset
        self.sessions, self.messages, self.calls = {}, {}, {}

    def events(self, dataset, line, record):
        """The event of a record, after that of a session that has no record of its own."""
        kind = record["kind"]
        make = {
            "session": self._session, "message": self._message, "tool_call": self._tool_call,
            "tool_result": self._tool_result, "event": self._event}.get(kind)
        if make is None:
            raise DataError(f"{dataset.path}:{line}: `{kind}` is no kind of an agent's record.")
        rest = {n: v for n, v in record.items() if n not in ("kind", "at")}
        source_id = rest["id"] if kind == "session" else rest["session"]
        if kind in ("message", "tool_call") and source_id not in self.sessions:
            yield self._missing_session(line, source_id, record.get("at"))
        at = record.get("at")
        yield self._made(line, at, source_id, *make(line, at, rest))

    def _made(self, line, at, source_id, type_name, stream_name, data, suffix=""):
        record_id = f"{self.dataset.name}/{line}{suffix}"
        return event(record_id, type_name, stream_name, at, data, tags(("session", source_id)))

    def _session(self, line, at, rest):
        source_id, row = rest.pop("id"), self.dataset.row_id(line)
        # The same id again is a session resumed: what follows belongs to the newer row.
        self.sessions[source_id] = row
        data = {
            "session_id": row, "agent_name": rest.get("harness", self.dataset.app),
            "provider": PROVIDERS.get(rest.get("harness"), UNKNOWN),
            "model": rest.get("model") or UNKNOWN, "user_prompt": "",
            "config": dict(sorted(rest.items())), "source_id": source_id, "at": at}
        return "agent_session.started", stream("agent_session", str(row)), data

    def _missing_session(self, line, source_id, at):
        """Messages without a session's record get a session: they could not be stored else."""
        made = self._session(line, at, {"id": source_id, "harness": self.dataset.app})
        return self._made(line, at, source_id, *made, suffix="/session")

    def _message(self, line, at, rest):
        row, session = self.dataset.row_id(line), self.sessions[rest["session"]]
        for name in ("id", "seq"):
            if name in rest:
                self.messages[rest["session"], name, rest[name]] = row
        data = {
            "message_id": row, "session_id": session, "role": rest.pop("role"),
            "content": rest.pop("content"), "source": rest, "at": at}
        return "agent_message.appended", stream("agent_session", str(session)), data

    def _tool_call(self, line, at, rest):
        row, session = self.dataset.row_id(line), self.sessions[rest["session"]]
        if "message" in rest:
            message = self.messages.get((rest["session"], "id", rest["message"]))
        else:
            message = self.messages.get((rest["session"], "seq", rest.get("seq")))
        self.calls.setdefault((rest["session"], rest["id"]), []).append((row, at))
        data = {
            "call_id": row, "session_id": session, "message_id": message,
            "tool_call_id": rest.pop("id"), "tool_name": rest.pop("name"),
            "request": rest.pop("args"), "source": rest, "at": at}
        return "agent_tool_call.requested", stream("agent_session", str(session)), data

    def _tool_result(self, line, at, rest):
        # Ids repeat inside a session: a result belongs to the oldest call that still waits.
        waiting = self.calls.get((rest["session"], rest["id"]), [])
        call, asked = waiting.pop(0) if waiting else (None, None)
        content = rest.pop("content")
        data = {"call_id": call}
        if rest.get("is_error"):
            data["error_details"] = content
        else:
            took = at - asked if None not in (at, asked) else None
            data["response"] = content
            data["execution_time_ms"] = took if took is not None and took >= 0 else None
        data |= {"source": rest, "at": at}
        type_name = "agent_tool_call." + ("failed" if rest.get("is_error") else "completed")
        session = self.sessions.get(rest["session"])
        key = str(session) if session is not None else rest["session"]
        return type_name, stream("agent_session", key), data

    def _event(self, line, at, rest):
        session = rest.pop("session")
        data = {
            "hook_event_id": self.dataset.row_id(line), "source_app": self.dataset.app,
            "session_id": session, "hook_event_type": rest.pop("type", UNKNOWN),
            "payload": rest.pop("data"), "source": rest, "timestamp": at}
        return "hook_event.received", stream("hook_session", session), data


def record(envelope):
    """The record that an event was made of."""
    data, kind = envelope["data"], envelope["type"]
    found = dict(data.get("source", {}))
    at = data["timestamp"] if kind == "hook_event.received" else data["at"]
    if at is not None:
        found["at"] = at
    if kind == "agent_session.started":
        found |= data["config"] | {"kind": "session", "id": data["source_id"]}
    elif kind == "agent_message.appended":
        found |= {"kind": "message", "role": data["role"], "content": data["content"]}
    elif kind == "agent_tool_call.requested":
        found |= {"kind": "tool_call", "id": data["tool_call_id"], "name": data["tool_name"],
                  "args": data["request"]}
    elif kind == "agent_tool_call.completed":
        found |= {"kind": "tool_result", "content": data["response"]}
    elif kind == "agent_tool_call.failed":
        found |= {"kind": "tool_result", "content": data["error_details"]}
    else:
        found |= {"kind": "event", "session": data["session_id"], "data": data["payload"]}
        if data["hook_event_type"] != UNKNOWN:
            found["type"] = data["hook_event_type"]
    return found
