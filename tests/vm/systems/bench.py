# SPDX-License-Identifier: GPL-2.0-only
"""Two systems that have one network, a compute node and a memory node, and what is tried in them.

A test is a list of steps, which depend on those before: each is one result, and the first that
fails ends the test.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from system import COMMAND_SECONDS, Failed, System, vm_run

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))

KEYS, VALUE = 3000, 4096        # in Redis, with what it has besides about 20 MiB
LIMIT = "10M"
REDIS_CHECK = ("/mnt/host/redis_check --socket /run/redis/socket --quiet"
               f" --keys {KEYS} --value {VALUE}")
PAGES = 1000                    # of Redis go out and come back, at the least
DEVICE_SIZE = 128 << 20
PACKAGES = {"client": ("mage", "mage-policies", "mage-dev"), "node1": ("mage-memnoded",)}
NEXT = "+next"                  # what the version of the packages to upgrade to ends with
# Where packages have files, and what of systemd and dpkg goes by units and packages.
LIST_FILES = ("find /etc /usr /var/lib/systemd/deb-systemd-helper* /var/lib/dpkg/info /run"
              " /var/lib/prometheus -xdev 2>/dev/null |"
              " grep -E '^/(etc|usr|var/lib/systemd)/|[^i]mage' | grep -v '^/etc/.*-$' | sort")

# What an administrator writes, as docs/installing.md has it.
MAGE_CONF = """\
[device]
backend = rdma
address = node1
size = 128M
secret-file = /etc/mage/secret

[cgroup far.slice]
policy = clock
"""
CLIENT_FILES = {
    "/etc/mage/mage.conf": MAGE_CONF,
    "/etc/systemd/system/far.slice": f"""\
[Slice]
MemoryMax={LIMIT}
""",
    "/etc/systemd/system/mage.service.d/slice.conf": """\
[Unit]
Requires=far.slice
After=far.slice
""",
    "/etc/systemd/system/redis-server.service.d/far.conf": """\
[Unit]
Wants=mage.service
After=mage.service
[Service]
Slice=far.slice
# The kernel of the tests has no user namespaces.
PrivateUsers=no
""",
}
NODE_FILES = {
    "/etc/default/mage-memnoded": 'MAGE_MEMNODE_OPTIONS="--size 256M --listen 10.77.0.2"\n',
}
REDIS_CONF = """\
unixsocket /run/redis/socket
save ""
"""


class Results:
    def __init__(self):
        self.count = 0

    def tap(self, name, wrong=""):
        self.count += 1
        print(f"{'not ok' if wrong else 'ok'} {self.count} - {name}")
        self.note(wrong)

    def note(self, text):
        for line in text.splitlines():
            print(f"# {line}")
        sys.stdout.flush()


def same(what, want, got):
    if want != got:
        raise Failed(f"{what} is {got!r} instead of {want!r}")


# -- before the machines

def tool(*command):
    """What it prints on standard output; its errors are seen by whoever runs the test."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{os.path.relpath(command[0], TOP)}: exit status {done.returncode}")
    return done.stdout


def make_packages(build):
    """Packages of their own, as lint/packages makes others at the same time."""
    deb = os.path.join(build, "systems/deb")
    tool(os.path.join(TOP, "scripts/build-deb"), build, str(os.cpu_count()), deb)
    return [os.path.join(deb, name) for name in sorted(os.listdir(deb)) if name.endswith(".deb")]


def make_image(build, packages):
    return tool(os.path.join(HERE, "make"), build, *packages).splitlines()[-1]


def make_next(package, directory, unpacked):
    """The same package with a higher version, which is enough for dpkg."""
    os.makedirs(directory, exist_ok=True)
    subprocess.run(["dpkg-deb", "-R", package, unpacked], check=True)
    control = os.path.join(unpacked, "DEBIAN/control")
    with open(control) as f:
        text = re.sub(r"(?m)^Version: .*$", rf"\g<0>{NEXT}", f.read())
    with open(control, "w") as f:
        f.write(text)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", unpacked, directory],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(unpacked)


class Bench:
    """The two systems, and what both see at /mnt/host."""

    def __init__(self, args, work):
        self.results = Results()
        self.started = time.monotonic()
        self.pool = ThreadPoolExecutor(3)
        packages = make_packages(args.build)
        image = make_image(args.build, packages)
        share = os.path.join(work, "share")
        os.mkdir(share)
        for package in packages:
            shutil.copy(package, share)
            make_next(package, os.path.join(share, "next"), os.path.join(work, "unpacked"))
        shutil.copy(os.path.join(args.build, "tests/redis_check"), share)
        links = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        kvm = vm_run.kvm_works(argparse.Namespace(kernel=args.kernel),
                               os.path.join(work, "kvm"))
        self.accel = "kvm" if kvm else "tcg"
        self.client, self.node = self.systems = [
            System(name, kernel=args.kernel, image=image, logs=args.log_dir, link=link,
                   mac=f"52:54:00:77:00:0{n}", share=share, work=work)
            for n, (name, link) in enumerate(zip(("client", "node1"), links), 1)]

    def each(self, what):
        """The same in both systems at a time."""
        return list(self.pool.map(what, self.systems))

    def check(self, name, what):
        """One result; nothing that follows makes sense without it."""
        try:
            what(self)
        except Failed as e:
            self.results.tap(name, str(e))
            raise
        self.results.tap(name)
        self.results.note(f"after {time.monotonic() - self.started:.0f} s")

    def reboot(self):
        self.each(System.ask_reboot)
        self.each(System.start_again)
        self.each(System.wait_boot)

    def kill(self):
        for system in self.systems:
            system.kill()
        used = os.times()
        self.results.note(f"{time.monotonic() - self.started:.0f} s, "
                          f"{used.children_user + used.children_system:.0f} s of processor time")


# -- what tests have in common

def is_up(system):
    failed = system.run("systemctl --failed --no-legend --plain")[1]
    if failed:
        said = system.run("journalctl -b -p warning --no-pager")[1]
        raise Failed(f"{system.name}: {failed}{said}")
    same(f"{system.name}'s state", "running", system.run("systemctl is-system-running")[1].strip())


def first_boot(bench):
    for system in bench.systems:
        system.start(bench.accel)
    bench.each(System.wait_boot)
    bench.each(is_up)


def install(bench):
    def apt(system):
        system.do(f"{LIST_FILES} >/root/files")
        system.do("apt-get -qq install -y " + " ".join(
            f"/mnt/host/{name}_*.deb" for name in PACKAGES[system.name]))
    bench.each(apt)
    bench.each(is_up)
    # Nobody has said yet what is to be far, or made a secret.
    for system, unit in ((bench.client, "mage"), (bench.node, "mage-memnoded")):
        same(unit, "inactive", system.run(f"systemctl is-active {unit}")[1].strip())


def configure(bench):
    secret = os.urandom(24).hex()

    def common(system):
        package = "mage" if system is bench.client else "mage-memnoded"
        system.do(f"cp /usr/share/doc/{package}/examples/soft-roce@.service /etc/systemd/system/ &&"
                  " systemctl -q --no-reload enable soft-roce@eth0.service")
        system.write({"/etc/mage/secret": secret + "\n"}, "600")
        system.write(NODE_FILES if system is bench.node else CLIENT_FILES)
    bench.each(common)
    bench.client.do(f"cat >>/etc/redis/redis.conf <<'END'\n{REDIS_CONF}END\n"
                    "systemctl -q --no-reload enable redis-server")


def units_alone(bench):
    """After a reboot; a node that is later than the client is tried again."""
    bench.reboot()
    for unit in ("mage", "redis-server"):
        bench.client.eventually(f"systemctl is-active {unit}")
    bench.each(is_up)


def until(true, seconds=COMMAND_SECONDS):
    """For what comes by itself: until it does not raise Failed any more."""
    end = time.monotonic() + seconds
    while True:
        try:
            return true()
        except Failed:
            if time.monotonic() > end:
                raise


def only_device(bench):
    devices = bench.client.json("mage device list --json")["devices"]
    same("the number of far devices", 1, len(devices))
    return devices[0]


def device(bench):
    found = only_device(bench)
    for field, want in (("backend", "rdma"), ("state", "connected"), ("size_bytes", DEVICE_SIZE)):
        same(field, want, found[field])
    same("swap", "/dev/mage0", bench.client.do("swapon --show=NAME --noheadings").strip())
    same("the policy", "clock", domain(bench)["policy"])
    same("the secret's mode", "600 root",
         bench.client.do("stat -c '%a %U' /etc/mage/secret").strip())


def domain(bench):
    return next(d for d in bench.client.json("mage status --json")["domains"]
                if d["cgroup"].endswith("/far.slice"))


def redis_fills(bench):
    bench.client.do(f"{REDIS_CHECK} fill", 600)
    bench.client.do(f"{REDIS_CHECK} verify", 600)


def redis_pages(bench):
    redis_fills(bench)
    found = domain(bench)
    bench.results.note(f"limit {found['limit_bytes']}, far {found['far_bytes']}, "
                       f"evictions {found['evictions']}, faults {found['faults']}")
    if found["evictions"] < PAGES or found["faults"] < PAGES:
        raise Failed("Redis did not page")
    for field in ("read_errors", "write_errors", "ejections"):
        same(field, 0, found[field])


def purge(bench):
    bench.client.do("systemctl stop redis-server")
    bench.each(lambda system: system.do(
        "apt-get -qq purge -y " + " ".join(PACKAGES[system.name])))


def nothing_left(bench):
    for system in bench.systems:
        # What the administrator has made elsewhere goes with him.
        system.do("cd /etc/systemd/system && rm -rf soft-roce@.service *.wants/soft-roce@*"
                  " far.slice mage.service.d redis-server.service.d &&"
                  " systemctl -q disable redis-server")
        for what, command in (
                ("files", f"{LIST_FILES} | diff /root/files -"),
                ("units", "systemctl list-units --all --no-legend 'mage*'"),
                ("unit files", "systemctl list-unit-files --no-legend 'mage*'"),
                ("users and groups", "getent passwd group mage-memnode"),
                ("devices and policies",
                 "ls -d /sys/block/mage[0-9]* /sys/fs/bpf/mage/* 2>/dev/null; swapon --noheadings"),
                ("processes", "pgrep -ax mage; pgrep -ax mage-memnoded")):
            said = system.run(command)[1]
            if said:
                raise Failed(f"{system.name}: {what} are left:\n{said}")


def kernels(bench):
    for system in bench.systems:
        said = system.complaint()
        if said:
            raise Failed(f"{system.name}: its kernel complained:\n" + "\n".join(said))


# Steps with which tests begin and end.
ALL_UP = (
    ("both systems boot, and no unit fails", first_boot),
    ("apt installs the packages, and no unit fails", install),
    ("soft-RoCE, the node and the client are configured", configure),
    ("after a reboot all is up by the units alone", units_alone),
    ("mage status shows the far device", device),
)
AND_GONE = (
    ("the packages are purged", purge),
    ("which leaves nothing", nothing_left),
    ("no kernel has complained", kernels),
)


def parse(description):
    parser = argparse.ArgumentParser(usage="%(prog)s [OPTION...]", description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", metavar="DIR", default=os.path.join(TOP, "build"),
                        help="where all was built (default: build)")
    parser.add_argument("--kernel", metavar="IMAGE",
                        help="bzImage to boot (default: the one in DIR/kernel-vm)")
    parser.add_argument("--log-dir", metavar="DIR",
                        help="consoles, and what commands printed (default: DIR/systems/log)")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    args.kernel = os.path.abspath(args.kernel or os.path.join(
        args.build, "kernel-vm/arch/x86/boot/bzImage"))
    args.log_dir = os.path.abspath(args.log_dir or os.path.join(args.build, "systems/log"))
    return args


def main(description, steps):
    args = parse(description)
    # What an earlier run that was killed has left is large.
    shutil.rmtree(args.log_dir, ignore_errors=True)
    work = os.path.join(args.log_dir, "work")
    os.makedirs(work)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    bench = None
    try:
        bench = Bench(args, work)
        for name, step in steps:
            bench.check(name, step)
    except Failed as e:
        if bench:
            bench.each(System.save_journal)
        print(f"Bail out! {e.args[0].splitlines()[0]}; logs: {os.path.relpath(args.log_dir)}")
        return 1
    finally:
        if bench:
            bench.kill()
        shutil.rmtree(work, ignore_errors=True)
    print(f"1..{len(steps)}")
    return 0
