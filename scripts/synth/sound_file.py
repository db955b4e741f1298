# SPDX-License-Identifier: MIT
"""sound_file: 16 bit mono WAV (Python alone) or FLAC (python3-soundfile), written whole or not at all."""

import wave
from pathlib import Path

import numpy as np

from .checked import whole_file
from .signals import RATE


def write(path, samples):
    pcm = np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
    path = Path(path)
    if path.suffix == ".flac":
        import soundfile

        with whole_file(path) as f:
            soundfile.write(f, pcm, RATE, subtype="PCM_16", format="FLAC")
        return
    with whole_file(path) as file, wave.open(file, "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(RATE)
        f.writeframes(pcm.tobytes())
