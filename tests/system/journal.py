# SPDX-License-Identifier: MIT
"""A journal of a test's own, and what it holds."""

import json
import os
import pathlib
import subprocess

JOURNALD = pathlib.Path(__file__).parent / "testbed" / "journald.sh"
# to a service its stderr is the journal's when $JOURNAL_STREAM says so
AS_SERVICE = 'exec 2>"$1"; shift; export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2); exec "$@"'


def missing():
    """Why there can be no such journal here; None where there can."""
    if os.geteuid() != 0:
        return "a journal of one's own needs root"
    if not pathlib.Path("/lib/systemd/systemd-journald").exists():
        return "systemd-journald is not installed"
    mount = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/run"]
    if subprocess.run(mount, capture_output=True).returncode:
        return "this machine does not let root mount another /run"
    return None


def service(folder, stderr):
    """Words before a command: it runs as a service whose journal's files come to FOLDER; what it says past the journal
    to STDERR."""
    return [JOURNALD, folder, "bash", "-c", AS_SERVICE, "sh", stderr]


def records(folder):
    result = subprocess.run(["journalctl", "-D", folder, "-o", "json", "--no-pager"], capture_output=True, check=True,
                            timeout=60)
    return [json.loads(line) for line in result.stdout.splitlines()]
