# SPDX-License-Identifier: MIT
"""A Varlink client, and a reader of interface files that checks what a server says against them. Shares no code with
the project's."""

import json
import re
import socket


class Error(Exception):
    def __init__(self, name, parameters):
        super().__init__(name, parameters)
        self.name, self.parameters = name, parameters


class Client:
    def __init__(self, path, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.data = b""
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise

    def send(self, method, more=False, **parameters):
        call = {"method": method, "parameters": parameters, **({"more": True} if more else {})}
        self.socket.sendall(json.dumps(call).encode() + b"\0")

    def receive(self):
        while b"\0" not in self.data:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise EOFError
            self.data += chunk
        message, _, self.data = self.data.partition(b"\0")
        reply = json.loads(message)
        if "error" in reply:
            raise Error(reply["error"], reply.get("parameters"))
        return reply.get("parameters", {})

    def call(self, method, **parameters):
        self.send(method, **parameters)
        return self.receive()

    def stream(self, method, **parameters):
        self.send(method, more=True, **parameters)
        while True:
            yield self.receive()

    def follow(self, method, **parameters):
        """Hear what is new from now on: this call is read before the answer to a later one comes."""
        self.send(method, more=True, **parameters)
        with Client(self.socket.getpeername()) as other:
            other.call("io.hearken.GetStatus")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Interface:
    """`types`, `methods` ({name: (parameters, replies)}) and `errors` of an interface file, each {member: type}."""

    PLAIN = {"int": int, "float": (int, float), "string": str, "bool": bool, "object": dict}

    def __init__(self, text):
        text = re.sub(r"#.*", "", text)
        struct = r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)"
        self.name = re.search(r"interface (\S+)", text)[1]
        self.types = {name: self.members(body) for name, body in re.findall(rf"\btype (\w+) ?{struct}", text)}
        self.methods = {name: (self.members(takes), self.members(gives))
                        for name, takes, gives in re.findall(rf"\bmethod (\w+) ?{struct} ?-> ?{struct}", text)}
        self.errors = {name: self.members(body) for name, body in re.findall(rf"\berror (\w+) ?{struct}", text)}

    @staticmethod
    def members(body):
        return dict(re.findall(r"(\w+): ([^,()]+|\([^()]*\))", " ".join(body.split())))

    def wrong(self, value, kind, at):
        """What of VALUE is not of the type KIND, as text; nothing: it is."""
        if kind.startswith("?"):
            return None if value is None else self.wrong(value, kind[1:], at)
        if kind.startswith("[]"):
            if not isinstance(value, list):
                return f"{at}: no list"
            return next(filter(None, (self.wrong(v, kind[2:], f"{at}[{i}]") for i, v in enumerate(value))), None)
        if kind.startswith("("):
            return None if value in kind.strip("()").split(", ") else f"{at}: {value!r} is none of {kind}"
        if kind in self.types:
            return self.wrong_members(value, self.types[kind], at)
        good = isinstance(value, self.PLAIN[kind]) and (kind == "bool" or not isinstance(value, bool))
        return None if good else f"{at}: {value!r} is no {kind}"

    def wrong_members(self, value, members, at):
        if not isinstance(value, dict):
            return f"{at}: no object"
        unknown = set(value) - set(members)
        if unknown:
            return f"{at}: unknown {unknown}"
        return next(filter(None, (self.wrong(value.get(name), kind, f"{at}.{name}") for name, kind in members.items())),
                    None)
