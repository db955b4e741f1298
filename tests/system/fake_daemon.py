# SPDX-License-Identifier: MIT
"""A daemon that has no ears: io.hearken on a socket, with a history that tests write and connections that they cut."""

import datetime
import json
import socketserver
import threading
import time

PAGE = 1000


def time_text(seconds):
    stamp = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


class VarlinkError(Exception):
    def __init__(self, name, **parameters):
        super().__init__(name)
        self.reply = {"error": name if "." in name else f"io.hearken.{name}", "parameters": parameters}


class Hangup(Exception):
    pass


class FakeDaemon(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path, instance="default"):
        super().__init__(path, Connection)
        self.instance = instance
        self.changed = threading.Condition()
        self.events = {}  # id: the event as it is now
        self.changes = []
        self.cursor = 1000
        self.requests = []  # (method, parameters) of all that was asked
        self.fail = {}  # method: the VarlinkError to answer with
        self.raw = {}  # method: bytes to answer with, then hang up
        self.cut = lambda message: None  # how much of a message to send before the connection is cut; None: all
        self.source = {"state": "hearing", "why": "", "since": time_text(1e9), "device": "fake", "rate_hz": 16000,
                       "channels": 1, "frames": 1, "lost_frames": 7, "overruns": 0, "dropped_blocks": 0, "restarts": 0,
                       "clipped_frames": 0}
        self.store = {}  # what differs of type Store
        self.silent = set()  # methods that are not answered while they are in it
        self.instead = []  # bytes to send in place of the next messages, each followed by a hang-up
        self.n_connections = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()

    def put(self, number, label, state, **fields):
        """Event NUMBER begins, or is over."""
        with self.changed:
            self.cursor += 1
            event = {"id": number, "cursor": self.cursor, "instance": self.instance, "label": label, "state": state,
                     "start": time_text(1.7e9 + number), "duration_ms": 2500, "start_frame": 0, "end_frame": 40000,
                     "peak_probability": 0.987654, "mean_probability": 0.5, "level_dbfs": -20.25, "windows": 3,
                     "gap": False, "model": "home", "model_hash": "ab" * 32, "stored": True, **fields}
            if state != "ongoing":
                event["end"] = time_text(1.7e9 + number + 2.5)
            self.events[number] = event
            self.changes.append(event)
            self.changed.notify_all()
            return event

    # the methods: generators of replies

    def GetStatus(self):
        yield {"status": {
            "instance": self.instance, "version": "0", "pid": 1, "started": time_text(1e9), "source": self.source,
            "model": {"name": "home", "hash": "ab", "labels": ["alarm", "music"], "rate_hz": 16000, "window_s": 2.0,
                      "step_s": 1.0, "profile": "mel", "calibrated": True},
            "clock": {"true_rate_hz": 16000.1, "drift_ppm": 5.25, "jitter_ms": 0.1, "r2": 1, "segments": 1},
            "store": {"state": "ok", "path": "", "events": len(self.events), "queued": 0, "lost": 0, **self.store},
            "windows": 5, "zero_windows": 0, "gaps": 0, "level_dbfs": -42.0,
            "ongoing": [e for e in self.events.values() if e["state"] == "ongoing"], "clients": 1,
            "clients_cut_off": 0}}

    def ListEvents(self, since=None, until=None, labels=None, state=None, after_id=None, limit=100, newest_first=False):
        if not 1 <= limit <= PAGE:
            raise VarlinkError("BadValue", parameter="limit", expected="1 to 1000")
        sign = -1 if newest_first else 1
        with self.changed:
            found = [e for e in sorted(self.events.values(), key=lambda e: sign * e["id"])
                     if (after_id is None or sign * e["id"] > sign * after_id) and
                     (labels is None or e["label"] in labels) and (state is None or e["state"] == state)]
        yield {"events": found[:limit], "has_more": len(found) > limit}

    def FollowEvents(self, after_cursor=None, after_id=None, labels=None, sources=False):
        assert after_id is None
        with self.changed:
            replayed = [e for e in self.events.values() if after_cursor is not None and e["cursor"] > after_cursor]
            position = len(self.changes)
        if sources:
            yield {"source": self.source}
        news = sorted(replayed, key=lambda e: e["cursor"])
        while True:
            yield from ({"event": e} for e in news if labels is None or e["label"] in labels)
            with self.changed:
                self.changed.wait_for(lambda: len(self.changes) > position, 0.2)
                news = self.changes[position:]
            position += len(news)
            if not news:
                yield None  # is anybody there?

    def ExplainEvent(self, id):
        if id not in self.events:
            raise VarlinkError("NoSuchEvent", id=id)
        event = self.events[id]
        # without smoothing over time, and with it
        gates = [("closed", 0.1, {}), ("confirming", 0.4, {"smoothed": 0.9}), ("open", 0.97, {"smoothed": 1})]
        yield {"event": event, "windows": [
            {"start": time_text(1.7e9 + id - 1 + n), "start_frame": 0, "end_frame": 1, "zeros": False,
             "level_dbfs": -30.5, "peak_dbfs": -20, "label": "alarm",
             "classes": [{"label": "alarm", "probability": p, "gate": gate, **smoothed},
                         {"label": "music", "probability": 1 - p, "gate": "closed"}]}
            for n, (gate, p, smoothed) in enumerate(gates)], "omitted": 12}

    def GetMetrics(self, format="openmetrics"):
        name = "hearken_windows" + ("_total" if format == "prometheus" else "")
        yield {"text": f"# TYPE {name} counter\nhearken_windows_total 5\n# EOF\n"}

    def Reload(self):
        yield {}


class Connection(socketserver.BaseRequestHandler):
    def handle(self):
        self.server.n_connections += 1
        data = b""
        try:
            while chunk := self.request.recv(65536):
                data += chunk
                while b"\0" in data:
                    message, _, data = data.partition(b"\0")
                    self.answer(json.loads(message))
        except (Hangup, OSError):
            pass

    def answer(self, call):
        interface, _, method = call["method"].rpartition(".")
        assert interface == "io.hearken"
        parameters = {key: value for key, value in (call.get("parameters") or {}).items() if value is not None}
        self.server.requests.append((method, parameters))
        while method in self.server.silent:
            self.check_peer()
            time.sleep(0.02)
        if method in self.server.raw:
            self.request.sendall(self.server.raw[method])
            raise Hangup
        try:
            if method in self.server.fail:
                raise self.server.fail[method]
            for reply in getattr(self.server, method)(**parameters):
                if reply is None:
                    self.check_peer()
                else:
                    self.send({"parameters": reply, "continues": True} if call.get("more") else {"parameters": reply})
        except VarlinkError as error:
            self.send(error.reply)

    def check_peer(self):
        self.request.setblocking(False)
        try:
            if self.request.recv(1) == b"":
                raise Hangup
        except BlockingIOError:
            pass
        self.request.setblocking(True)

    def send(self, message):
        if self.server.instead:
            self.request.sendall(self.server.instead.pop())
            raise Hangup
        text = json.dumps(message).encode() + b"\0"
        length = self.server.cut(message)
        self.request.sendall(text if length is None else text[:length])
        if length is not None:
            raise Hangup
