# SPDX-License-Identifier: MIT
"""One thread of another process, made to hang by ptrace while the others go on."""

import ctypes
import os
import pathlib

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000

ptrace = ctypes.CDLL(None).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
ptrace.restype = ctypes.c_long


def hang(pid, name):
    """Stop the thread NAME of process PID. Returns its id, or None: ptrace is not allowed here."""
    tid = next(int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
               if (task / "comm").read_text().strip() == name)
    if ptrace(SEIZE, tid, None, None) != 0:
        return None
    ptrace(INTERRUPT, tid, None, None)
    os.waitpid(tid, WALL)
    return tid


def go_on(tid):
    ptrace(DETACH, tid, None, None)


def bury(tid):
    """Has its process been killed? Until this was asked the process stays: we trace a thread of it."""
    try:
        return os.waitpid(tid, WALL | os.WNOHANG)[0] == tid
    except ChildProcessError:
        return True
