# SPDX-License-Identifier: MIT
"""home_papers: what must lie beside models/home: every source with author and licence, a model card."""

import csv

from .recordings import all_recordings

CARD = """# home

Tells fire alarms, vacuum cleaners, music and silence from each other and from everything else, in 2 s
windows a second apart.

**It does not replace a smoke alarm.** It is one more ear, not a safety device: it can miss an alarm, and
nothing may depend on it alone.

- **Trained on** {n} recordings under free licences, each listed with author and licence in SOURCES.tsv, and
  on synthesised sounds: alarms after ISO 8201, NFPA 72 and 720, EN 54-3, NF S 32-001, DIN 33404, NEN 2575,
  BS 5839, AS 1670.4, SS 03 17 11 and UL 464 and as they are found, what resembles them, vacuum cleaners, steady
  noise and quiet rooms, through synthetic rooms and small microphones (`scripts/synth`). There are few real fire
  alarms with a free licence: {alarms} clips are among them, all else of that class is synthesised.
- **Made by** `scripts/train-home`; model.ini says with which settings, and what was right of what was kept
  out of training. The recordings of one author, package or session never stood on both sides, but for the
  backgrounds behind copies and synthesis, which come from all of them.
- **Suggested rules** for events are in model.ini, one section a class; `silence` and `other` make none. A hidden
  Markov model smooths over time, 2 s behind. An unmistakable fire alarm is reported after 5 s, an ordinary one after 7,
  a faint one after about 10; a vacuum cleaner after 9: what ends sooner makes no event.
{measured}
- **Limits**: few vacuum cleaners and few rooms are known to it, much of its music comes from games. Doorbells,
  alarm clocks, ring tones and sirens resemble alarms and are sometimes taken for one. A low probability
  is a hint, not a finding.
"""

MEASURED = "- **Measured** by `scripts/accuracy` on recordings it was not trained on, see docs/accuracy.md"


def write(data, folder):
    recordings = all_recordings(data)
    with open(folder / "SOURCES.tsv", "w", newline="") as f:
        table = csv.writer(f, delimiter="\t", lineterminator="\n")
        table.writerow(["recording", "learnt_as", "source", "author", "licence", "url"])
        for r in recordings:
            table.writerow([r.relative, r.label, r.source, r.author, r.licence, r.url])
    alarms = sum(r.label == "fire_alarm" for r in recordings)
    (folder / "README.md").write_text(CARD.format(n=len(recordings), alarms=alarms, measured=f"{MEASURED}."))


def add_figures(folder, figures):
    """FIGURES, (measure, reached) each, into the card of the model in FOLDER."""
    path = folder / "README.md"
    before, _, after = path.read_text().partition(MEASURED)
    rest = after[after.index("\n- **") :]
    path.write_text(before + MEASURED + ":\n" + "\n".join(f"  - {what}: {reached};" for what, reached in figures)[:-1] + "."
                    + rest)
