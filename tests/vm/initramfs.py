# SPDX-License-Identifier: GPL-2.0-only
"""Writes the initramfs of a virtual machine: busybox, init, and its job."""

import os
import shutil
import stat

APPLETS = ("sh", "mount", "mkdir", "cp", "cat", "poweroff", "switch_root",
           "hostname", "ip", "mkfifo", "setsid", "sync", "kill")


class Archive:
    """A cpio archive in the "newc" format."""

    def __init__(self, out):
        self.out = out
        self.inode = 0

    def add(self, name, mode, data=b"", rdev=(0, 0)):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0,
                  rdev[0], rdev[1], len(encoded), 0)
        self.put(b"070701" + b"".join(b"%08x" % f for f in fields) + encoded)
        self.put(data)

    def put(self, data):
        self.out.write(data + b"\0" * (-len(data) % 4))

    def directory(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        self.add(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.add(name, stat.S_IFLNK | 0o777, target.encode())

    def end(self):
        self.inode = -1
        self.add("TRAILER!!!", 0)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, scripts, job):
    """One file a value of "job"; lists are written a line an entry."""
    with open(path, "wb") as out:
        archive = Archive(out)
        for name in ("bin", "dev", "proc", "sys", "lower", "upper",
                     "newroot", "keep", "job"):
            archive.directory(name)
        # Messages of init itself go to the console before /dev is mounted.
        archive.add("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
        archive.file("bin/busybox", read(shutil.which("busybox")), 0o755)
        for name in APPLETS:
            archive.link("bin/" + name, "busybox")
        archive.file("init", read(os.path.join(scripts, "init")), 0o755)
        archive.file("job/guest-main", read(os.path.join(scripts,
                                                         "guest-main")))
        for name, value in job.items():
            lines = [value] if isinstance(value, str) else value
            archive.file("job/" + name,
                         "".join(line + "\n" for line in lines).encode())
        archive.end()
