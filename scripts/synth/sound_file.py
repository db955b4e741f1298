# SPDX-License-Identifier: MIT
"""sound_file: 16 bit mono WAV (Python alone) or FLAC (python3-soundfile)."""

import wave

import numpy as np

from .signals import RATE


def write(path, samples):
    pcm = np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
    if str(path).endswith(".flac"):
        import soundfile

        soundfile.write(path, pcm, RATE, subtype="PCM_16")
        return
    with wave.open(str(path), "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(RATE)
        f.writeframes(pcm.tobytes())
