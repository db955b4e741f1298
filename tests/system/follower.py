# SPDX-License-Identifier: MIT
"""One who follows events and the state of the source, in the background."""

import socket
import threading
import time

from varlink import Client


def get_status(path):
    with Client(path) as client:
        return client.call("io.hearken.GetStatus")["status"]


class Follower:
    """`heard`: a list of (seconds, reply). A context manager."""

    def __init__(self, path):
        self.client = Client(path, timeout=None)
        self.heard = []
        self.gone = False
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        try:
            for reply in self.client.stream("io.hearken.FollowEvents", sources=True):
                self.heard.append((time.monotonic(), reply))
        except (EOFError, OSError):
            self.gone = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.gone:
            self.client.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.client.socket.close()
