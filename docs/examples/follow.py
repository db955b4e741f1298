#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints each event as it starts and ends: follow.py [SOCKET]. No library is needed."""

import json
import socket
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "/run/hearken/default.sock"
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(path)
    call = {"method": "io.hearken.FollowEvents", "parameters": {"after_cursor": 0}, "more": True}
    connection.sendall(json.dumps(call).encode() + b"\0")
    data = b""
    while chunk := connection.recv(65536):
        *messages, data = (data + chunk).split(b"\0")
        for reply in map(json.loads, messages):
            if "error" in reply:
                sys.exit(f"{path}: {reply['error']} {reply.get('parameters')}")
            event = reply["parameters"].get("event")
            if event:
                print(event["start"], event["label"], event["state"], flush=True)
sys.exit(f"{path}: the daemon went away")
