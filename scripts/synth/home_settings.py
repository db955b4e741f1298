# SPDX-License-Identifier: MIT
"""home_settings: how models/home learns and what smooths it over time."""

# Options of `hearken train`, chosen by what three models of two thirds of the free recordings heard of the last third.
LEARNING = [
    "--set", "extensions=level crest0 tonal",
    "--classifier", "svc-reduced", "--vectors", "2500", "--cost", "10", "--gamma", "0.7", "--clip", "3",
    "--splits", "2",
]  # fmt: skip

# A hidden Markov model over the classes, 2 s behind. The biases (in the order of the labels: fire_alarm, music, other,
# silence, vacuum_cleaner) were chosen on recordings under free licences that a model had not learnt from, and on quiet
# rooms by synthesis: alarms are told of no more than 1 in 30 of what resembles them, and silence, where it is likely,
# outweighs the vacuum cleaner that a noisy microphone resembles; `other` says nothing beyond the log-odds. No level gate:
# an alarm behind two doors may be below any gate.
SMOOTHING = {"method": "hmm", "stay": "6", "lag": "2 s", "cap": "5", "gate_dbfs": "-200", "bias": "0.5 1.75 -5 3 2.5"}
