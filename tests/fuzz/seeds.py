#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""seeds.py OUT SOURCE MAKE-BUNDLE: what the fuzz targets begin with, a folder a target in OUT, made of the files of the
repository SOURCE, of a bundle that MAKE-BUNDLE writes and of sound that is synthesised here."""

import json
import math
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import wave

CUT = b"====\n"
OUT, SOURCE, MAKE_BUNDLE = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
sys.path.insert(0, str(SOURCE / "tests" / "system"))

from fake_daemon import FakeDaemon  # noqa: E402


def seed(target, name, data):
    folder = OUT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


# ---- texts ----

def metrics():
    def text(instance, unit):
        return (f"# TYPE a counter\n{unit}# HELP a A.\na_total{{instance=\"{instance}\",label=\"}}\\\"\"}} 1.5e3\n"
                f"# TYPE b gauge\n# HELP b B.\nb{{instance=\"{instance}\"}} NaN\n# EOF\n")

    seed("metrics_merge", "one", text("kitchen", "# UNIT a seconds\n"))
    seed("metrics_merge", "three", CUT.decode().join(text(name, "") for name in ("kitchen", "attic", "kitchen")))


def times():
    texts = ["now", "today", "yesterday", "tomorrow", "@1795341600", "@1795341600.25", "-1h", "+30min", "2h 30min ago",
             "1y 2month 3w 4d 5h 6m 7s 8ms 9us", "2026-11-22", "2026-11-22 10:00", "2026-11-22 10:00:30.5", "10:00",
             "10:00:30", "2026-11-22 10:00 UTC", "2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00+01:00", "24:00",
             "2027-02-29", "1969-12-31", "9999-12-31 23:59:59", "1 days ago", "2 hours 3 seconds ago"]
    for i, text in enumerate(texts):
        seed("time", f"{i:02}", text)


RULES = """[class alarm]
on = 0.5
off = 0.3
confirm = 2 of 3
release = 4 s
refractory = 1.5 s
priority = alert
[class music]
confirm = 1 of 1
min_duration = 2500 ms
max_duration = 5 s
[class silence]
event = no
"""


def settings():
    shipped = (SOURCE / "config" / "hearken.conf").read_text()
    seed("config", "shipped", shipped)
    seed("config", "all", re.sub(r"(?m)^#(?=\w+ = |\[)", "", shipped))
    seed("config", "rules", RULES)
    seed("config", "layers", shipped.encode() + b"\n" + CUT + RULES.encode() + CUT + b"[audio]\ninput = -\nrate = 16000\n" +
         b"[class alarm]\noff = 0.1\n")
    seed("config", "wrong", "[audio]\nrate = 3\n[class nobody]\non = 2\n[x")
    loud = bytes([0, 250, 0, 0]) * 6 + bytes([1]) * 4 + bytes([0, 0, 250, 0]) * 20
    seed("detector", "rules", RULES.encode() + CUT + loud)
    seed("detector", "gaps", RULES.encode() + CUT + loud[:24] + b"\x06" + loud[:8] + b"\xfe" + loud)
    seed("detector", "default", CUT + bytes(range(256)) * 2)


def tables():
    seed("fit_csv", "plain", "".join(f"{x},{2 * x + 1}\n" for x in range(8)))
    seed("fit_csv", "named", "t;x;y\n" + "".join(f"{x * x};{x};{int(x > 3)}\n" for x in range(8)))
    seed("fit_csv", "quoted", '\ufeff"x"\t"y "" z"\n# a comment\n\n 1 \t"2"\n2\t4e0\r\n3\t5\n4\t-0.5\n')
    seed("fit_csv", "no-numbers", "x,y\n1,nan\n")
    manifest = (SOURCE / "models" / "home" / "SOURCES.tsv").read_text().splitlines()[:6]
    seed("manifest", "sources", "\n".join(manifest) + "\n")
    seed("manifest", "all", "path\tclass\tgroup\tstart\tend\na.wav\tmusic\tg\t0\t1.5\n/b.wav\tbell & co\t\t\t\n\n"
         "c.wav\tmusic\tg\t2\t\n")
    seed("manifest", "two", "path\tclass\na\tx y\nb\tx_y\n")
    seed("scenes", "named", "onset\toffset\tevent_label\n0.5\t2.25\talarm\n3\t4\tdog\n")
    seed("scenes", "plain", "0 1 music\n\n1.5\t2\tsilence\r\n3\t2\tmusic")


# ---- bundles ----

def svm(kind, kernel, labels, rows, packed=""):
    """Rows of (coefficients, vector's values from feature 1 on)."""
    ovo = kind == "c_svc"
    n_decisions = labels * (labels - 1) // 2 if ovo else labels
    counts = [len(rows) // labels + (i < len(rows) % labels) for i in range(labels)]
    lines = [f"svm_type {kind}", *kernel, f"nr_class {labels}", f"total_sv {len(rows)}",
             "rho " + " ".join(str(0.25 * i) for i in range(n_decisions)), "label " + " ".join(map(str, range(labels)))]
    if ovo:
        lines += ["probA " + " ".join(["-1.5"] * n_decisions), "probB " + " ".join(["0.125"] * n_decisions),
                  "nr_sv " + " ".join(map(str, counts))]
    lines += [packed] if packed else []
    lines += ["SV"]
    for coefs, values in rows:
        values = "" if packed else " ".join(f"{i}:{v}" for i, v in enumerate(values, 1) if v)
        lines.append(" ".join(map(str, coefs)) + " " + values)
    return ("\n".join(lines) + "\n").encode()


def rows(n, n_coefs, n_values):
    return [([round(math.sin(i + k), 3) for k in range(n_coefs)],
             [round(math.cos(i * j), 2) for j in range(1, n_values + 1)]) for i in range(n)]


RBF, POLY = ["kernel_type rbf", "gamma 0.5"], ["kernel_type polynomial", "degree 3", "gamma 0.5", "coef0 1"]
SIGMOID, LINEAR = ["kernel_type sigmoid", "gamma 0.1", "coef0 -1"], ["kernel_type linear"]


def packed(n, n_values):
    return struct.pack(f"<{n * n_values}h", *((i * 7919) % 65536 - 32768 for i in range(n * n_values)))


def machines():
    seed("svm", "rbf", svm("c_svc", RBF, 3, rows(7, 2, 10)))
    seed("svm", "polynomial", svm("c_svc", POLY, 2, rows(4, 1, 10)))
    seed("svm", "sigmoid", svm("c_svc_ovr", SIGMOID, 3, rows(3, 3, 10)))
    seed("svm", "linear", svm("c_svc_ovr", LINEAR, 2, rows(3, 2, 4)))
    seed("svm", "packed", svm("c_svc_ovr", RBF, 3, rows(4, 3, 0), "vectors int16 -3") + CUT + packed(4, 10))
    seed("svm", "packed-ovo", svm("c_svc", LINEAR, 2, rows(2, 1, 0), "vectors int16 15") + CUT + packed(2, 10))


def join(*files):
    """Files in one input: fuzz_cut."""
    return CUT.join([file if file.endswith(b"\n") else file + b"\n" for file in files[:-1]] + [files[-1]])


def bundle(name, ini, *files):
    seed("model_ini", name, ini)
    seed("bundle", name, join(ini.partition(b"[files]")[0], *files))


def bundles():
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / "tone"
        subprocess.run([MAKE_BUNDLE, made, "tone", "1000"], check=True)
        ini, scaler, machine = ((made / name).read_bytes() for name in ("model.ini", "scaler.csv", "svm.model"))
    seed("scaler", "made", scaler)
    seed("scaler", "odd", scaler.replace(b",0,1\n", b",-1.5e-7,0.001\n"))
    bundle("made", ini, scaler, machine)
    smoothing = (b"[smoothing]\nmethod = hmm\nstay = 4\nlag = 2 s\ncap = 5\ngate_dbfs = -80\nbias = 0 0.5\n")
    bundle("smoothed", ini.replace(b"[calibration]", smoothing + b"[calibration]"), scaler,
           svm("c_svc", RBF, 2, rows(3, 1, 10)))
    bundle("libsvm", re.sub(rb"(?s)method = softmax.*?\n\n", b"method = libsvm\n\n", ini), scaler,
           svm("c_svc", SIGMOID, 2, rows(5, 1, 10)))
    sigmoid = re.sub(rb"(?s)method = softmax.*?\n\n", b"method = sigmoid\nslope = 1 2\nbias = 0 -1\n\n", ini)
    bundle("packed", sigmoid, scaler, svm("c_svc_ovr", RBF, 2, rows(4, 2, 0), "vectors int16 -3"), packed(4, 10))
    home = SOURCE / "models" / "home"
    scaler = (home / "scaler.csv").read_bytes()
    n_features, n_labels = scaler.count(b"\n") - 1, len(re.search(rb"(?m)^labels = (.*)$", (
        home / "model.ini").read_bytes())[1].split())
    bundle("home", (home / "model.ini").read_bytes(), scaler,
           svm("c_svc_ovr", RBF, n_labels, rows(n_labels, n_labels, min(n_features, 20))))


# ---- sound ----

def sounds():
    def wav(n_channels, width, n_frames, rate):
        with tempfile.TemporaryFile() as file:
            with wave.open(file, "wb") as out:
                out.setnchannels(n_channels)
                out.setsampwidth(width)
                out.setframerate(rate)
                for i in range(n_frames * n_channels):
                    value = int(0.5 * math.sin(i * 0.1) * 256 ** width / 2) + (128 if width == 1 else 0)
                    out.writeframesraw(value.to_bytes(width, "little", signed=width > 1))
            file.seek(0)
            return file.read()

    plain = wav(1, 2, 400, 8000)
    seed("audio", "s16", b"\x80" + plain)
    seed("audio", "stereo24", b"\x02" + wav(2, 3, 100, 44100))
    seed("audio", "u8", b"\x05" + wav(1, 1, 100, 16000))
    seed("audio", "cut-off", b"\x80" + plain[:-100])
    seed("audio", "to-a-pipe", b"\x80" + plain[:40] + b"\xff\xff\xff\xff" + plain[44:])
    seed("audio", "float", b"\x80RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 36 + 32, b"WAVE", b"fmt ", 16, 3, 1, 8000, 32000,
         4, 32, b"data", 32) + struct.pack("<8f", 0, 1, -1, 1e9, math.inf, math.nan, 1e-40, 0.5))
    if not shutil.which("sox"):
        return
    for name, options in {"flac": ["-t", "flac"], "ogg": ["-t", "ogg"], "rf64": ["-t", "wavpcm"],
                          "a-law": ["-e", "a-law", "-t", "wav"], "adpcm": ["-e", "ima-adpcm", "-t", "wav"]}.items():
        coded = subprocess.run(["sox", "-D", "-t", "wav", "-", *options, "-"], input=plain, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        if coded.returncode == 0:
            seed("audio", name, b"\x80" + coded.stdout)


def layouts():
    """The forms that a header, a chain and a row of frames have; the first byte is what is left out at the end."""
    def chunk(name, data, size=None):
        return struct.pack("<4sI", name, len(data) if size is None else size) + data + b"\0" * (len(data) % 2)

    def riff(*chunks, name=b"RIFF"):
        return struct.pack("<4sI4s", name, 4 + sum(map(len, chunks)), b"WAVE") + b"".join(chunks)

    form, audio = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)), bytes(range(200))
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 300, 150, 100, 0))
    files = {
        "wav": riff(form, chunk(b"data", audio)),
        "wav-short": riff(form, chunk(b"data", audio, 100)),
        "wav-none": riff(form, chunk(b"data", audio, 0)),
        "wav-pipe": riff(form, chunk(b"data", audio, 0xffffffff)),
        "wav-list": riff(chunk(b"JUNK", bytes(7)), form, chunk(b"data", audio), chunk(b"LIST", b"INFOIART")),
        "wav-id3v1": riff(form, chunk(b"data", audio)) + b"TAG".ljust(128, b"\0"),
        "rf64": riff(ds64, form, chunk(b"data", audio, 0xffffffff), name=b"RF64"),
    }

    def page(flags, packet):
        return b"OggS\0" + bytes([flags]) + bytes(20) + bytes([1, len(packet)]) + packet

    streams = {name: page(2, first) + page(0, bytes(50)) + page(4, bytes(20)) for name, first in {
        "vorbis": b"\1vorbis", "flac": b"\x7fFLAC\1\0", "speex": b"Speex   1.2", "theora": b"\x80theora"}.items()}
    files |= {f"ogg-{name}": stream for name, stream in streams.items()}
    files["ogg-chain"] = streams["vorbis"] + streams["vorbis"] + streams["flac"]
    files["ogg-grouped"] = page(2, b"\x80theora") + streams["vorbis"]

    frame = b"\xff\xfb\x90\x64" + 413 * b"\x55"
    tag = b"\xff\xfb\x90\x64" + bytes(32) + b"Xing" + struct.pack(">III", 3, 5, 5 * 417) + bytes(417 - 52)
    files |= {"mp3": 4 * frame, "mp3-xing": tag + 4 * frame, "mp3-cut": 4 * frame + frame[:100],
              "mp3-tag": 4 * frame + b"TAG".ljust(128, b"\0"), "mp3-id3": b"ID3\4\0\x10\0\0\0\x0a" + bytes(20) + 4 * frame,
              "mp3-mono": 4 * (b"\xff\xf3\x40\xc4" + 140 * b"\x55"),
              "aac": 4 * (b"\xff\xf1\x50\x80\x02\x1f\xfc" + 9 * b"\0"),
              "m4a": b"\0\0\0\x20ftypM4A " + bytes(16), "flac": b"fLaC\0\0\0\x22" + bytes(34)}
    for name, data in files.items():
        seed("audio_layout", name, b"\0" + data)
        seed("audio_layout", name + "-cut", b"\x21" + data)


# ---- the capture helper ----

POKE, WRITE, READ, REPORT, TICK, REST = range(6)


def block(n_frames, shade=7, how=0, skip=0):
    return bytes([WRITE, how, skip]) + struct.pack("<HB", n_frames, shade)


def report(news, text=b""):
    body = struct.pack("<iIIIIQ", 0, 1000, 1, 1, 1, 2 ** 64 - 1) + b"ALSA: mic".ljust(60, b"\0") + text
    return bytes([REPORT, news, len(body)]) + body


def channels():
    hearing = report(0) + block(100) * 4 + bytes([READ, TICK, 1])
    seed("channel", "hearing", hearing * 3)
    seed("channel", "holes", hearing + block(90, skip=200) + bytes([READ]) + block(500, shade=0) * 2 + bytes([READ]))
    seed("channel", "rates", hearing + block(200, how=1) + bytes([READ]) + block(200, how=2) + bytes([READ]))
    seed("channel", "no-sound", hearing + block(8192, shade=255, how=8) + block(8193, how=8) + bytes([READ, REST]) + block(100, 254))
    seed("channel", "lost", hearing + report(1, b"unplugged\n") + bytes([TICK, 20, TICK, 200]) + report(3) + report(6))
    pokes = b"".join(bytes([POKE]) + struct.pack("<HQ", at, value) + bytes([READ, TICK, 5])
                     for at in range(4160, 4600, 8) for value in (2 ** 64 - 1, 2 ** 31))
    seed("channel", "pokes", hearing + pokes + hearing)


# ---- Varlink, both ends ----

def requests():
    (SEND, SEND_SOME, HEAR, HANG_UP, SAY_NO_MORE, DIAL, TURN, WAIT, EVENT, STORE, WINDOW, PICTURE, SOURCE,
     EVENTS, BIG) = (bytes([i]) for i in range(15))

    def call(method, more=False, who=0, **parameters):
        text = {"method": method, "parameters": parameters, **({"more": True} if more else {})}
        return bytes([16 * who]) + json.dumps(text).encode() + b"\0"

    def ask(method, **parameters):
        return call("io.hearken." + method, **parameters) + WAIT + HEAR

    seed("varlink", "service", call("org.varlink.service.GetInfo") + HEAR +
         call("org.varlink.service.GetInterfaceDescription", interface="io.hearken") + HEAR +
         call("org.varlink.service.GetInterfaceDescription", interface="x") + call("nobody.Knows") + call("x") + HEAR)
    seed("varlink", "status", ask("GetStatus") + ask("GetMetrics") + ask("Reload") + ask("ListDevices"))
    seed("varlink", "list", ask("ListEvents", since="-1h", until="now", labels=["music"], state="ended", after_id=3,
                                limit=2, newest_first=True) + ask("ListEvents") + ask("ListEvents", limit=0))
    seed("varlink", "explain", ask("ExplainEvent", id=5) + ask("ExplainEvent", id=-5) + ask("ExplainEvent") +
         ask("ExplainEvent", id=6))
    seed("varlink", "follow", call("io.hearken.FollowEvents", True, sources=True) + EVENT + HEAR + SOURCE + STORE + WAIT +
         HEAR + call("io.hearken.FollowEvents", True, 1, after_cursor=1, labels=["music"]) + WAIT + EVENT + b"\x12" +
         call("io.hearken.FollowEvents", True, 2, after_id=0) + WAIT + HANG_UP + WAIT + b"\x22" + STORE + WAIT)
    seed("varlink", "monitor", call("io.hearken.Monitor", True, pictures=True) + WINDOW + PICTURE + HEAR + WINDOW +
         call("io.hearken.Monitor", who=1) + call("io.hearken.Monitor", True, 1) + WINDOW + b"\x12" + HANG_UP + b"\x15")
    seed("varlink", "slow", call("io.hearken.FollowEvents", True) + TURN + EVENTS * 2 + HEAR + TURN + EVENTS +
         call("io.hearken.Monitor", True, 1) + TURN + BIG * 4 + TURN + b"\x12" + EVENTS)
    half = call("io.hearken.GetStatus")[1:]
    seed("varlink", "pieces", SEND_SOME + b"\x07" + half[:7] + TURN + SEND_SOME + bytes([len(half) - 7]) + half[7:] + HEAR +
         SEND_SOME + b"\x09" + half[:9] + SAY_NO_MORE + HEAR + DIAL + SEND_SOME + b"\xf0" + half * 3 + HEAR)
    seed("varlink", "wrong", SEND + b"{}\0" + DIAL + SEND + b"\0" + DIAL + SEND + b'{"method": "io.hearken.GetStatus", '
         b'"parameters": [1], "oneway": true}\0' + DIAL + SEND + b'{"method": "io.hearken.ListEvents", "parameters": '
         b'{"limit": "x", "state": null}, "upgrade": true}\0' + DIAL + SEND + b'{"method":"io.hearken.GetStatus",'
         b'"oneway":true}\0' + WAIT + HEAR)


def replies():
    with tempfile.TemporaryDirectory() as folder:
        daemon = FakeDaemon(folder + "/s")
        daemon.put(3, "music", "ended")
        daemon.put(7, "alarm", "ongoing", continues=3)
        answers = {name: json.dumps({"parameters": next(iter(getattr(daemon, name)(**parameters)))}).encode() + b"\0"
                   for name, parameters in {"ListEvents": {}, "ExplainEvent": {"id": 7}, "GetStatus": {},
                                            "GetMetrics": {}, "Reload": {}}.items()}
        changes = [json.dumps({"parameters": {"event": event}, "continues": True}).encode() + b"\0"
                   for event in daemon.changes]
        source = json.dumps({"parameters": {"source": daemon.source}, "continues": True}).encode() + b"\0"
        daemon.stop()
    devices = b'{"parameters": {"devices": [{"name": "ALSA: mic", "host_api": "ALSA", "channels": 2, "rate_hz": 48000, ' \
        b'"is_default": true, "in_use": false}]}}\0'
    error = b'{"error": "io.hearken.StoreUnavailable", "parameters": {"reason": "no history is kept"}}\0'
    commands = ["ListEvents", "ListEvents", "ListEvents", "ExplainEvent", "ExplainEvent", "GetStatus", "GetStatus",
                "GetMetrics", None, None, "Reload"]
    for i, method in enumerate(commands):
        seed("client", f"{i:02}", bytes([i]) + (answers[method] if method else devices))
    for i, name in enumerate(["StoreUnavailable", "NoSuchEvent", "NoSuchLabel", "BadValue", "DevicesUnavailable",
                              "ReloadFailed"]):
        text = {"error": "io.hearken." + name, "parameters": {"reason": "r", "id": 1, "label": "x", "parameter": "p",
                                                              "expected": "e", "message": "m"}}
        seed("client", f"error-{i}", bytes([i]) + json.dumps(text).encode() + b"\0")
    live = answers["ListEvents"] + source + b"".join(changes)
    seed("follower", "live", b"\x02" + live)
    seed("follower", "again", b"\x00" + live + b"\n" + CUT + source[:-20] + b"\n" + CUT + b"".join(changes))
    seed("follower", "history", b"\x04" + answers["ListEvents"] * 2 + b"".join(changes))
    seed("follower", "cursor", b"\x09" + b"".join(changes))
    seed("follower", "no-history", b"\x00" + error + b"".join(changes))
    seed("follower", "wrong-label", b"\x01" + b'{"error": "io.hearken.NoSuchLabel", "parameters": {"label": "x"}}\0')

    def said(kind, how, reply):
        return bytes([kind + 4 * how]) + json.dumps(reply).encode() + b"\0"

    picture = {"start_frame": 0, "frames_per_column": 320, "rate_hz": 16000, "fmin_hz": 20.0, "fmax_hz": 8000.0,
               "minimum": [-0.5, -1.0], "maximum": [0.5, 1.0], "columns": [[-r for r in range(64)], [-100] * 64]}
    window = {"start": "2026-11-22T10:00:00.000Z", "start_frame": 0, "end_frame": 32000, "zeros": False,
              "level_dbfs": -30.5, "peak_dbfs": -3, "label": "music", "classes": [
                  {"label": "music", "probability": 0.9, "gate": "open"},
                  {"label": "alarm", "probability": 0.1, "gate": "closed"}]}
    status = json.loads(answers["GetStatus"][:-1])["parameters"]
    event = json.loads(changes[0][:-1])["parameters"]
    for how in range(4):
        later = {**picture, "start_frame": 640 + 5000 * how}
        seed("watch", f"all-{how}", said(1, how, status) + said(0, how, {"picture": picture}) +
             said(0, how, {"window": window}) + said(2, how, event) + said(0, how, {"picture": later}) +
             said(3, how, {}) + said(0, how + 16, {"picture": later}))


for make in (times, metrics, settings, tables, machines, bundles, sounds, layouts, channels, requests, replies):
    make()
