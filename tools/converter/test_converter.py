"""Run with: python3 -m unittest discover -s tools"""

import json
import os
import tempfile
import unittest

from converter import check, convert, datasets, events


def at(hour):
    return 1_650_000_000_000 + hour * 3_600_000


def proxy(op, host, hour, **attributes):
    key = {"op": op, "host": host, "port": 80, "protocol": "http"}
    return {"at": at(hour), **key, **attributes}


class ConverterTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = os.path.join(self.folder.name, "data")
        self.out = os.path.join(self.folder.name, "out")
        os.mkdir(self.data)

    def tearDown(self):
        self.folder.cleanup()

    def given(self, name, *records):
        with open(os.path.join(self.data, name + ".jsonl"), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    def converted(self, only=None):
        """The events by id, after a check that nothing was lost."""
        chosen = datasets.choose(self.data, only, sample=False)
        self.assertEqual(convert.run(chosen, self.out), 0)
        self.assertEqual(check.run(chosen, self.out), 0)
        found = {}
        for dataset in chosen:
            path = os.path.join(self.out, f"{dataset.number:02}-{dataset.name}.jsonl")
            for _, line in datasets.lines(path):
                event = json.loads(line)
                found[event["id"]] = event
        return found

    def test_a_history_continues_the_one_before(self):
        self.given("proxies-clarketm-2017-2022", proxy("added", "a", 0, country="DE", tls=True))
        self.given(
            "proxies-clarketm-2022-2023", proxy("added", "a", 1, country="FR"),
            proxy("changed", "a", 2, country=None, was={"country": "FR"}),
            proxy("removed", "a", 3), proxy("added", "a", 4))
        name = "proxies-clarketm-2022-2023"
        joined = self.converted()
        self.assertEqual(
            [joined[f"{name}/{line}"]["type"] for line in range(1, 5)],
            ["proxy.updated", "proxy.updated", "proxy.removed", "proxy.added"])
        self.assertEqual(
            joined[f"{name}/2"]["data"]["changed"], {"geolocation": None})
        self.assertEqual(self.converted(only=[name])[f"{name}/1"]["type"], "proxy.added")

    def test_repeated_ids_get_rows_of_their_own(self):
        session = {"kind": "session", "id": "s", "harness": "claude-code"}
        call = {"kind": "tool_call", "session": "s", "message": "m", "id": "t", "name": "n"}
        result = {"kind": "tool_result", "session": "s", "message": "m", "id": "t", "content": "c"}
        self.given(
            "agents-claude-code",
            {"kind": "message", "session": "s", "id": "m", "role": "user", "content": None},
            session, {**call, "args": {}}, {**call, "args": "{}"}, result,
            {**result, "is_error": True}, result)
        made = self.converted()
        name = "agents-claude-code"
        self.assertEqual(made[f"{name}/1"]["data"]["session_id"], 40_000_001)
        self.assertEqual(made[f"{name}/1/session"]["data"]["session_id"], 40_000_001)
        self.assertEqual(made[f"{name}/3"]["data"]["session_id"], 40_000_002)
        self.assertEqual(made[f"{name}/3"]["data"]["message_id"], 40_000_001)
        self.assertNotIn("time", made[f"{name}/1"])
        calls = [made[f"{name}/{line}"]["data"]["call_id"] for line in (5, 6, 7)]
        self.assertEqual(calls, [40_000_003, 40_000_004, None])

    def test_a_client_is_rotated_when_another_proxy_serves_it(self):
        self.given(
            "proxies-clarketm-2022-2023", *(proxy("added", f"h{n}", 0) for n in range(50)))
        request = {"kind": "request", "client": "c", "method": "GET", "path": "/"}
        self.given(
            "usage-web-apache-2015", {**request, "at": at(0), "status": 200},
            {**request, "at": at(0) + 1, "status": 404}, {**request, "at": at(1), "status": 200})
        made = self.converted()
        name = "usage-web-apache-2015"
        first, last = made[f"{name}/1/rotation"], made[f"{name}/3/rotation"]
        self.assertEqual(first["data"]["reason"], "startup")
        self.assertNotIn(f"{name}/2/rotation", made)
        self.assertEqual(
            last["data"]["previous_proxy_id"], made[f"{name}/2"]["data"]["proxy_id"])
        self.assertEqual(last["data"]["new_proxy_id"], made[f"{name}/3"]["data"]["proxy_id"])
        with self.assertRaises(datasets.DataError):
            self.converted(only=[name])

    def test_a_changed_event_is_found_out(self):
        self.given("proxies-stormsia-2026-05", proxy("added", "a", 0, latency_ms=5))
        self.converted()
        path = os.path.join(self.out, "03-proxies-stormsia-2026-05.jsonl")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('"latency":5', '"latency":5.0'))
        chosen = datasets.choose(self.data, None, sample=False)
        self.assertEqual(check.run(chosen, self.out), 1)

    def test_names_are_made_safe_and_stay_distinct(self):
        self.assertEqual(events.stream("s", "a\n%é"), "s/a%0A%25é")
        long, other = (events.stream("s", "é" * 200 + end) for end in "ab")
        self.assertLessEqual(len(long.encode()), 255)
        self.assertNotEqual(long, other)
        self.assertEqual(events.rfc3339(-1), "1969-12-31T23:59:59.999Z")


if __name__ == "__main__":
    unittest.main()
