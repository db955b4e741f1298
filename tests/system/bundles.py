# SPDX-License-Identifier: MIT
"""
Small model bundles, written here and not by hearken: the class of a window is the nearest of the classes' means
(as a linear one-vs-rest machine: 2 mean x - mean^2), its probabilities a softmax of these scores.
"""

import hashlib
import os

import numpy as np

PARAMETERS = {
    "mel-modulation": {
        "n_fft": 1024, "hop": 160, "n_mels": 64, "fmin_hz": 50, "fmax_hz": 8000, "log_floor": 0.01,
        "crest_floor": 0.01, "crest_bins": "6 15 24 35 48 63 80 101 124 151 183 219 262 311 368 435 512",
        "n_groups": 16, "group_floor": 0.001, "n_cepstra": 20, "cepstrum_floor": 0.01,
        "modulation_bins": "1 2 3 4 6 9 14 21 32 48 72 101", "extensions": "none",
    },
    "spectrogram": {
        "n_fft": 2048, "win_length": 2048, "n_rows": 32, "n_columns": 256, "pad_mode": "constant",
        "zero_crossing_pad": "no",
    },
}
SLOPE = 0.05


class NearestMean:
    """What a bundle decides, in numpy: from features as `hearken features` gives them."""

    def __init__(self, labels, examples):
        """EXAMPLES: one array windows x features a label."""
        everything = np.concatenate(examples).astype(np.float64)
        scale = everything.std(axis=0)
        self.labels = labels
        self.mean = everything.mean(axis=0)
        self.scale = np.where(scale > 1e-6, scale, 1.0)
        self.centres = np.array([self.scaled(example).mean(axis=0) for example in examples])

    def scaled(self, features):
        return (features - self.mean) / self.scale

    def probabilities(self, features):
        scores = SLOPE * (2 * self.scaled(features) @ self.centres.T - (self.centres ** 2).sum(axis=1))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


def write(folder, model, names, profile, rate_hz, rules=""):
    """NAMES: of the features. RULES: [class ...] sections."""
    k = len(model.labels)
    lines = ["svm_type c_svc_ovr", "kernel_type linear", f"nr_class {k}", f"total_sv {k}",
             "rho " + " ".join(repr(float(SLOPE * (centre ** 2).sum())) for centre in model.centres),
             "label " + " ".join(str(i) for i in range(k)), "SV"]
    for i, centre in enumerate(model.centres):
        coefs = [2 * SLOPE if i == j else 0 for j in range(k)]
        lines.append(" ".join([f"{c:.17g}" for c in coefs] + [f"{n + 1}:{v:.9g}" for n, v in enumerate(centre)]))
    calibration = f"method = softmax\nslope = 1\nbias = {' '.join('0' for _ in model.labels)}"
    write_files(folder, model.labels, names, model.mean, model.scale, "\n".join(lines) + "\n", profile, rate_hz,
                calibration, rules)


def write_files(folder, labels, names, mean, scale, svm, profile, rate_hz, calibration, rules=""):
    """SVM: text of svm.model. CALIBRATION: lines of that section."""
    scaler = "feature,mean,scale\n" + "".join(
        f"{name},{m!r},{s!r}\n" for name, m, s in zip(names, mean.tolist(), scale.tolist()))
    files = {"scaler.csv": scaler, "svm.model": svm}
    os.makedirs(folder, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    with open(os.path.join(folder, "model.ini"), "w") as file:
        file.write(f"[model]\nformat = 1\nname = {os.path.basename(folder)}\ndescription = made by a test\n"
                   f"labels = {' '.join(labels)}\n"
                   f"[audio]\nrate_hz = {rate_hz}\nwindow_frames = {2 * rate_hz}\nstep_frames = {rate_hz}\n"
                   f"[profile]\nname = {profile}\n")
        file.writelines(f"{key} = {value}\n" for key, value in PARAMETERS[profile].items())
        file.write(f"[classifier]\nclip = 0\n[calibration]\n{calibration}\n{rules}"
                   "[training]\nmade_by = a test\n[files]\n")
        file.writelines(f"{name} = {hashlib.sha256(text.encode()).hexdigest()}\n" for name, text in files.items())
