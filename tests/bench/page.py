# SPDX-License-Identifier: MIT
"""docs/benchmarks.md, from what scripts/bench measured."""

import os
import platform
import subprocess

PACKAGES = ("libkissfft-float131", "libsvm3", "libfftw3-single3", "python3", "python3-numpy", "python3-scipy", "python3-opencv",
            "python3-sklearn", "libopenblas0-pthread", "libsoxr0", "libsqlite3-0", "libnettle8", "libportaudio2", "pulseaudio")


def output_of(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def machine():
    fields = dict(line.split(":", 1) for line in output_of("lscpu").splitlines() if ":" in line)
    sets = [name for name in ("avx2", "avx512f", "asimd") if name in fields.get("Flags", "").split()]
    return (f"{fields.get('Model name', platform.machine()).strip()}, {os.cpu_count()} cores ({', '.join(sets) or 'no vectors'}), "
            f"{platform.system()} {platform.release()}, {output_of('gcc', '--version').splitlines()[0]}")


def versions():
    found = [f"{name} {output_of('dpkg-query', '-W', '-f', '${Version}', name)}" for name in PACKAGES]
    return ", ".join(text for text in found if not text.endswith(" "))


def ms(value):
    return f"{value['median']:.3g} ({value['low']:.3g} to {value['high']:.3g})"


def times(value):
    return f"{value['median']:.1f} ({value['low']:.1f} to {value['high']:.1f})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return [*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def verdict(good):
    return "met" if good else "**missed**"


def rss_mib(start):
    return start["memory"]["processes"]["hearkend"]["peak"]


def beyond(start, key):
    """Medians of a start: with sound on stdin, and what a microphone's takes more than PortAudio alone does."""
    return {"stdin": start[key]["median"], **{name: m["ours"][key]["median"] - m["alone"][key]["median"]
                                              for name, m in start["microphones"].items()}}


def share_words(share):
    words = f"{100 * (share['hearkend'] + share['helper']):.2f} %"
    return f"{words}, PortAudio alone {100 * share['alone']:.2f} %" if "alone" in share else words


def targets(found):
    """(part, what is asked, what was measured, met) of every target whose part was measured."""
    asked = [
        ("windows", "spectrogram, whole window: 3.5 times as fast as Python (aim 10)", lambda f: times(f["ratio"]["spectrogram"]),
         lambda f: f["ratio"]["spectrogram"]["median"] >= 3.5),
        ("windows", "models/home: 12 times as fast as Python (aim 25)", lambda f: times(f["ratio"]["home"]),
         lambda f: f["ratio"]["home"]["median"] >= 12),
        ("windows", "models/home: under 1 ms a window", lambda f: f"{ms(f['ms']['home'])} ms",
         lambda f: f["ms"]["home"]["median"] < 1),
        ("predictor", "predictor: 10 times as fast as libsvm, warm", lambda f: f"{times(f['ratio']['float32'])}, packed "
         f"{times(f['ratio']['packed'])}", lambda f: f["ratio"]["float32"]["median"] >= 10),
        ("start", "RSS of the daemon with models/home: at most 20 MB (aim 12)", lambda f: f"{rss_mib(f):.1f} MiB at most, hearken-capture beside it "
         f"{f['memory']['processes']['hearken-capture']['peak']:.1f} MiB",
         lambda f: rss_mib(f) * 1.048576 <= 20),
        ("start", "start to READY: under 50 ms, wall, beyond the sound server's own", lambda f: ", ".join(
            f"{ms:.0f} ms ({name})" for name, ms in beyond(f, "wall_ms").items()), lambda f: max(beyond(f, "wall_ms").values()) < 50),
        ("start", "start to READY: under 50 ms, processor, beyond the sound server's own", lambda f: ", ".join(
            f"{ms:.0f} ms ({name})" for name, ms in beyond(f, "cpu_ms").items()), lambda f: max(beyond(f, "cpu_ms").values()) < 50),
        ("latency", "window's end to client: p99 at most 10 ms", lambda f: f"{f['disk']['event']['p99']:.1f} ms, "
         f"history on a tmpfs {f['memory']['event']['p99']:.1f} ms", lambda f: f["disk"]["event"]["p99"] <= 10),
    ]
    asked += [("idle", f"live daemon: at most 0.3 % of a core; {name}", lambda f, name=name: share_words(f["shares"][name]),
               lambda f, name=name: f["shares"][name]["hearkend"] + f["shares"][name]["helper"] <= 0.003) for name in found.get("idle", {"shares": ()})["shares"]]
    rows = []
    for part, what, measured, is_met in asked:
        if part in found:
            rows.append((what, measured(found[part]), verdict(is_met(found[part]))))
    return rows


def windows(f):
    lines = table(("a 2 s window", "ms", "times as fast as Python"), [
        ("Python: numpy, scipy, OpenCV, scikit-learn with OpenBLAS", ms(f["ms"]["python"]), 1),
        (f"`spectrogram` with the same {f['vectors']} support vectors", ms(f["ms"]["spectrogram"]), times(f["ratio"]["spectrogram"])),
        ("`models/home` at 16 kHz", ms(f["ms"]["home"]), times(f["ratio"]["home"])),
        ("a second of sound from 44.1 to 16 kHz (libsoxr), before `models/home`", ms(f["ms"]["resample"]), ""),
    ])
    lines += ["", f"Of {f['compared']} windows {f['differ']} were decided otherwise by Python and by `hearken classify`."]
    if f["goldens"]:
        g = f["goldens"]
        lines.append(f"The Python pipeline is within {g['picture_db']:.2g} dB, {g['flatness']:.1g} of the flatness and "
                     f"{g['zero_crossings']} zero crossings of librosa's own values of {g['signals']} signals.")
    else:
        lines.append("Without the goldens the Python pipeline was not checked against librosa's values.")
    return lines


def stft(f):
    names = {"ours": "ours: Hann window, kissfft, power", "kissfft": "`kiss_fftr` alone", "FFTW": "FFTW3f alone, planned with FFTW_MEASURE"}
    return table(("173 frames of 2048 points", "ms", "times as fast as kiss_fftr"),
                 [(names[name], ms(f["ms"][name]), times(f["ratio"][name])) for name in f["ms"]])


def predictor(f):
    names = {"libsvm": "libsvm 3.24, `svm_predict_values`", "float32": "ours, float32", "packed": "ours, packed to 16 bits"}
    return table(("400 vectors x 8198 features, 4 classes, warm", "ms", "times as fast as libsvm"),
                 [(names[name], ms(f["ms"][name]), times(f["ratio"][name])) for name in f["ms"]])


def stages(f):
    return table(("of", "stage", "ms"), [(of, stage, ms(value)) for of, stage, value in f])


def growth(f):
    return table(("against", "ms", "law"), [
        (name, ", ".join(f"{value}: {cost:.3g}" for value, cost in zip(axis["values"], axis["ms"])), f"n^{axis['exponent']:.2f}")
        for name, axis in f.items()])


def start(f):
    lines = table(("from exec, sound on stdin", "ms"), [
        ("to READY, wall", ms(f["wall_ms"])), ("to READY, processor (daemon and capture helper)", ms(f["cpu_ms"])),
        (f"to the first classified window at a client, beyond its 2 s of sound and {f['lag_s']} s that smoothing looks ahead",
         ms(f["first_window_ms"]))])
    lines += ["", *table(("from exec to READY, with a microphone", "wall, ms", "PortAudio alone, to the first sound", "processor, ms",
                          "PortAudio alone"),
                         [(name, *(ms(m[of][key]) for key in ("wall_ms", "cpu_ms") for of in ("ours", "alone")))
                          for name, m in f["microphones"].items()])]
    lines += ["", f"{f['starts']} starts with the model of models/home and a history. Memory after {f['memory']['seconds']} s of sound with "
              "events and a client, MiB, shared libraries counted in full for each process:", ""]
    return lines + table(("process", "peak RSS", "RSS", "of it no file's"), [
        (name, f"{m['peak']:.1f}", f"{m['now']:.1f}", f"{m['own']:.1f}") for name, m in f["memory"]["processes"].items()])


def latency(f):
    names = {"event": {"disk": "history on the disk, committed before the client is told", "memory": "history on a tmpfs"},
             "chain": {"disk": "the same bytes handed on by three `cat`s meanwhile"},
             "page": {"disk": "a page written to that disk, and waited for, meanwhile"}}
    return table((f"{f['disk']['events']} events, ms", "p50", "p99", "p99.9"), [
        (name, *(f"{f[where][what][p]:.2f}" for p in ("p50", "p99", "p99.9"))) for what, rows in names.items() for where, name in rows.items()])


def idle(f):
    return table((f"microphone, {f['seconds']} s, of a core", "hearkend", "hearken-capture", "PortAudio alone"), [
        (name, *(f"{100 * share[of]:.2f} %" if of in share else "" for of in ("hearkend", "helper", "alone")))
        for name, share in f["shares"].items()])


LIMITS = """\
- **The transform.** kissfft takes two thirds of a window of `spectrogram` and more than half of one of `models/home`. Debian's is scalar;
  FFTW needs a quarter to a fifth of its time. Real frames go through it as half as many complex points, taken apart in vectors. Tried: two
  frames in one complex transform (saves a fifth at 1024 points and nothing at 2048, and a loud frame leaks 1e-14 of its power into a
  silent one beside it, which the flatness of digital silence shows); blocks of a hop shared by four frames (as many operations in kissfft's
  sizes); a transform of our own (4 to 7 times as fast, 600 lines: given up for a well-kept library). Frames of `spectrogram` cannot be
  shared between windows: a step of 44100 is no multiple of the hop of 512. So its aim of 10 is out of reach with this library.
- **The matrix.** 400 x 8198 float32 are 13 MB, read for every window: the predictor waits for memory. Vectors packed to 16 bits are half of
  that; prefetching across pages saved a fifth; huge pages nothing. With AVX2 products and sums are two instructions, not FMA's one: what is
  fused rounds once, so that decisions would depend on the processor; now the same sound gives the same bits on all of them. AVX-512's one
  fused step is exact, a packed value times a power of two. Which loops the compiler made vectors of is checked by `scripts/test --static`.
- **The start.** Loading the libraries of two processes, SHA-256 (nettle has the processor's own instructions: 1.3 ms for 1.6 MB, libmd's
  portable loop 13.5 ms), reading numbers, first touch of 5 MB. Nobody waits for the history, which is opened beside it. With a microphone
  PortAudio looks through ALSA's and JACK's devices, and the first 64 ms of sound must pass (1024 frames at 16 kHz).
- **The tail of the latency.** 12,000 waits were traced by strace while others kept both cores of this machine busy: what was late was late
  for a processor (between a wake-up and the woken thread, or for a slice in the middle of the window), and nothing in the daemon waited
  but for the commit; the longest stayed below 0.4 s. Two waits of 1.3 and 1.9 s in earlier runs came untraced, and never again: programs
  of a higher priority ran then. The history's housekeeping comes after the word to the client: SQLite's log is moved and old events are
  forgotten then (before: within a commit, at every 150th or so; and 207 ms a minute with a full history). A microphone adds what its
  period holds back: up to 64 ms of sound at 16 kHz, before the daemon has it.
- **The kernel.** Not it: a window costs no allocation, no lock and no system call but main's wake-up and the wait for more sound. Shown over a
  minute of sound by strace of the thread (`tests/system/test-system-calls.py`: 60 windows, 59 writes of eight bytes; the futex of one
  semaphore), and by counting allocations in `tests/unit/test-analyzer.c` `nothing_is_allocated_once_the_first_window_is_out`.
- **The live daemon.** A window is most of it. The analysis is woken when a window can be due, 2 to 3 times a second, and main 5 times; the
  capture process as often as the sound server has sound (PortAudio's poll and copies, PulseAudio's client thread: the column "alone" is a
  program that throws the sound away). Longer periods would cost less and answer later.
- **A busy machine.** What is compared takes turns, so that ratios hold better than milliseconds, but not wholly. The run of 23 November met a
  host whose other guests were busy, with nothing else on this machine: kissfft took 0.97 ms for the frames of a window of `models/home`, and
  0.51 ms the night before, when this page said 12.1 (11.4 to 12.9) times as fast as Python, 0.94 ms a window, and 0.28 %, 0.39 % and 0.53 % of
  a core live. Eight more runs of `scripts/bench --only windows` gave 7.6 to 11.0: scalar arithmetic suffers more there than Python's does.
  A window that comes once a second costs up to twice what it costs in a row. Niceness helps little where the kernel shares processors
  between sessions first (autogroup)."""

SECTIONS = {
    "windows": ("A window, whole", windows, "Python's OpenBLAS has one thread. Its STFTs, one for the picture and one for the flatness, are "
                "librosa's, block by block. Ours is what the daemon does with a step of sound: level, features, scaler, predictor, calibration."),
    "stft": ("STFT", stft, ""),
    "predictor": ("Predictor", predictor, "Decision values of one vector, one-vs-one, RBF."),
    "stages": ("Stages", stages, "Of a window of successive ones: mel-modulation's frames are shared between windows, the spectrogram's "
               "cannot be (44100 is no multiple of its hop of 512)."),
    "growth": ("Growth", growth, "The law is the slope of a line through the logarithms."),
    "start": ("Start and memory", start, ""),
    "latency": ("From a window's end to a client", latency, "From the write of the last 10 ms of the deciding window to stdin until the client has the "
                "event, which is in the history before that (`synchronous=FULL`). With a model that neither looks ahead nor "
                "waits: mel-modulation needs 27 ms of sound after the window, resampling 40 to 130 ms, and `models/home` tells all that it hears 2 s later (its "
                "smoothing looks so far ahead), a fire alarm when it has lasted 5 to 10 s: docs/accuracy.md has those times."),
    "idle": ("A live microphone", idle, "In a room with noise, with models/home, from READY on; the time that the scheduler gave, of which getrusage makes its sums. The ALSA device is the tests', which plays a file; PulseAudio's client library runs in the "
             "capture helper and is counted, its server is not. Alone: a program that opens the microphone as the helper does and throws the sound away."),
}


def write(kept):
    """KEPT: {part: {date, load, found}}."""
    found = {part: result["found"] for part, result in kept.items()}
    lines = ["# What hearken costs", "",
             "Made by `scripts/bench`, which measures all of it in one run on one machine. Milliseconds are processor time, medians with "
             "quartiles; ratios are medians of the turns' own ratios, with their quartiles: what is compared took turns.", "",
             f"- Machine: {machine()}", f"- Versions: {versions()}",
             "- Measured: " + "; ".join(f"{part} {result['date']}" for part, result in kept.items()),
             f"- Load of the machine meanwhile (by others, mostly, where it is above 1): {min(r['load'] for r in kept.values()):.1f} to {max(r['load'] for r in kept.values()):.1f}; "
             f"niceness of the measured programs: {', '.join(sorted({str(r['niceness']) for r in kept.values()}))}; "
             f"processors kept from it by its host: {sum(r['stolen_s'] for r in kept.values()):.1f} s", "",
             "## Targets", "", *table(("asked", "measured", ""), targets(found)), "", "## What limits it, and what was tried", "",
             LIMITS, ""]
    for part, (title, section, note) in SECTIONS.items():
        if part in found:
            lines += [f"## {title}", "", *([note, ""] if note else []), *section(found[part]), ""]
    return "\n".join(lines)
