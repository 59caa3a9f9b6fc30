#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a command, and another one while the first is about to read a file.

  while_opening.py FILE MEANWHILE COMMAND [ARG...]

The file is leased, so whoever opens it waits until the lease is given back, which is done
when MEANWHILE, a line for the shell, has ended.  Ends with the status of COMMAND; with 99 if that
does not open the file, or MEANWHILE fails.
"""

import fcntl
import os
import signal
import subprocess
import sys


def main():
    path, meanwhile, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    signals = [signal.SIGIO, signal.SIGCHLD]
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    fd = os.open(path, os.O_RDONLY)
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    running = subprocess.Popen(
        command, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    )
    if signal.sigwait(signals) != signal.SIGIO:
        print(f"'{command[0]}' has not opened {path}", file=sys.stderr)
        return 99
    status = subprocess.run(["/bin/sh", "-c", meanwhile], check=False).returncode
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    running.wait()
    if status:
        print(f"'{meanwhile}' has failed: {status}", file=sys.stderr)
        return 99
    return running.returncode


sys.exit(main())
