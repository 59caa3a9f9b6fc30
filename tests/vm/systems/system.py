# SPDX-License-Identifier: GPL-2.0-only
"""One of the machines of test-packages: a whole system, with systemd, in a virtual machine.

Its disk is a copy of the image that systems/make made, and lasts as long as the test.
Commands reach it by QEMU's guest agent, as root, without a terminal or a network.
"""

import base64
import importlib.machinery
import importlib.util
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
POLL = 0.1              # seconds between questions to the agent
# Limits for what has hung; a busy machine that emulates processors is very slow.
ANSWER_SECONDS = 60     # for the agent, while it is there
COMMAND_SECONDS = 300
BOOT_SECONDS = 400

sys.dont_write_bytecode = True


def load_vm_run():
    """tests/vm/run, which has no suffix: what it knows of kernels and of QEMU."""
    path = os.path.join(os.path.dirname(HERE), "run")
    sys.path.append(os.path.dirname(path))      # for what it imports
    loader = importlib.machinery.SourceFileLoader("vm_run", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("vm_run", loader))
    loader.exec_module(module)
    return module


vm_run = load_vm_run()


class Failed(Exception):
    """A command or a machine did not do what it had to."""


class System:
    def __init__(self, name, *, kernel, image, work, logs, link, mac, share, smp=2, mem=1024):
        self.name = name
        self.kernel = kernel
        self.disk = os.path.join(work, f"{name}.ext4")
        subprocess.run(["cp", "--sparse=always", image, self.disk], check=True)
        self.logs = logs
        self.link = link            # a socket of datagrams; it outlives the QEMUs
        self.mac = mac
        self.share = share          # a directory that is at /mnt/host, to be read
        self.smp = smp
        self.mem = mem
        self.process = None
        self.agent = None
        self.asking = threading.Lock()      # from a question to its answer
        self.boots = 0
        self.started_with = None            # what start() was given
        self.console_path = os.path.join(logs, f"{name}-console.log")

    # -- the machine

    def start(self, accel, append=""):
        """Begins a boot: of the same disk, and in the same network, each time."""
        self.started_with = (accel, append)
        ours, theirs = socket.socketpair()
        self.agent = ours
        cmdline = ["root=/dev/vda", "rootfstype=ext4", "rw", "console=ttyS0", "panic=-1",
                   "net.ifnames=0", "loglevel=7", f"systemd.hostname={self.name}",
                   "tsc=reliable", "no_timer_check"]
        if accel == "tcg":
            cmdline += vm_run.tsc_frequency()
        qemu = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                "-machine", "pc", "-no-reboot", "-name", f"mage-{self.name}", "-m", f"{self.mem}M",
                "-smp", str(self.smp), "-kernel", self.kernel,
                "-append", " ".join(cmdline + [append]),
                "-drive", f"file={self.disk.replace(',', ',,')},if=virtio,format=raw,"
                          "cache=unsafe",
                "-chardev", f"file,id=console,append=on,path={self.console_path.replace(',', ',,')}",
                "-serial", "chardev:console",
                "-chardev", f"socket,id=agent,fd={theirs.fileno()}",
                "-device", "virtio-serial-pci",
                "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
                "-device", "virtio-rng-pci",
                "-netdev", f"dgram,id=net0,local.type=fd,local.str={self.link.fileno()}",
                "-device", f"virtio-net-pci,netdev=net0,mac={self.mac},host_mtu=9000",
                "-fsdev", "local,id=host,security_model=none,readonly=on,multidevs=remap,"
                          f"path={self.share.replace(',', ',,')}",
                "-device", "virtio-9p-pci,fsdev=host,mount_tag=host"]
        # As in tests/vm/run, which says why.
        qemu += (["-accel", "kvm", "-cpu", "host"] if accel == "kvm" else
                 ["-accel", "tcg,thread=multi", "-cpu", "max,vendor=GenuineIntel,la57=off"])
        with open(os.path.join(self.logs, f"{self.name}-qemu.log"), "ab") as log:
            log.write((shlex.join(qemu) + "\n").encode())
            log.flush()
            self.process = subprocess.Popen(
                qemu, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=vm_run.die_with_parent,
                pass_fds=(theirs.fileno(), self.link.fileno()))
        theirs.close()

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.agent:
            self.agent.close()

    def complaint(self):
        """The lines around what the kernel first complained of."""
        with open(self.console_path, errors="replace") as f:
            lines = f.read().replace("\r", "").split("\n")
        n = vm_run.complaint(lines, [])
        return [] if n is None else lines[max(n - 3, 0):n + 57]

    # -- the agent

    def ask(self, what, **arguments):
        with self.asking:
            return self.ask_alone(json.dumps({"execute": what, "arguments": arguments}), what)

    def ask_alone(self, question, what):
        self.agent.settimeout(ANSWER_SECONDS)
        self.agent.sendall(question.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            try:
                data = self.agent.recv(1 << 20)
            except TimeoutError:
                raise Failed(f"{self.name}: the agent does not answer {what}") from None
            if not data:
                raise Failed(f"{self.name}: the machine has ended")
            answer += data
        answer = json.loads(answer)
        if "error" in answer:
            raise Failed(f"{self.name}: {what}: {answer['error'].get('desc')}")
        return answer["return"]

    def agent_is_there(self):
        """Whether the agent answers; afterwards nothing of earlier questions is on the way."""
        number = time.monotonic_ns() & 0x7fffffff
        self.agent.settimeout(1)
        try:
            # The byte makes the agent forget what it had half read, and begins its answer.
            self.agent.sendall(b"\xff" + json.dumps(
                {"execute": "guest-sync-delimited", "arguments": {"id": number}}).encode() + b"\n")
            data = b""
            while True:
                data += self.agent.recv(65536)
                last = data.rpartition(b"\xff")[2]
                if last.endswith(b"\n") and str(number).encode() in last:
                    return True
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            return False

    def run(self, command, timeout=COMMAND_SECONDS):
        """Runs it by a shell: exit status, and what it has printed.

        systemctl does without what is left of SysV's init, which takes it half a minute here.
        """
        started = self.ask("guest-exec", **{
            "path": "/bin/bash", "arg": ["-c", f"exec 2>&1; {command}"], "capture-output": True,
            "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
                    "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_COLORS=0",
                    "SYSTEMCTL_SKIP_SYSV=1"]})
        end = time.monotonic() + timeout
        while True:
            state = self.ask("guest-exec-status", pid=started["pid"])
            if state["exited"]:
                said = base64.b64decode(state.get("out-data", "")).decode(errors="replace")
                status = state.get("exitcode", 128 + state.get("signal", 0))
                with open(os.path.join(self.logs, f"{self.name}-commands.log"), "a") as log:
                    log.write(f"[{time.strftime('%T')}] {command}\n{said}[{status}]\n")
                return status, said
            if time.monotonic() > end:
                raise Failed(f"{self.name}: not done after {timeout} s: {command}")
            time.sleep(POLL)

    def do(self, command, timeout=COMMAND_SECONDS):
        """Runs what has to succeed: what it has printed."""
        status, said = self.run(command, timeout)
        if status:
            raise Failed(f"{self.name}: {command}: exit status {status}\n{said}")
        return said

    def json(self, command):
        return json.loads(self.do(command))

    def eventually(self, command, timeout=COMMAND_SECONDS):
        """Until it succeeds, for what comes by itself."""
        end = time.monotonic() + timeout
        while True:
            status, said = self.run(command, timeout)
            if status == 0:
                return said
            if time.monotonic() > end:
                raise Failed(f"{self.name}: not within {timeout} s: {command}\n{said}")
            time.sleep(POLL)

    def write(self, texts, mode="644"):
        """Files, by their paths."""
        for path, text in texts.items():
            encoded = base64.b64encode(text.encode()).decode()
            self.do(f"install -D -m {mode} /dev/null {path} && base64 -d <<<{encoded} >{path}")

    def save_journal(self):
        """For whoever looks for the reason of a failure."""
        try:
            said = self.run("journalctl -b --no-pager -o short-monotonic")[1]
        except (Failed, OSError) as e:
            said = f"{e}\n"
        with open(os.path.join(self.logs, f"{self.name}-journal.log"), "w") as f:
            f.write(said)

    # -- boots

    def ask_reboot(self):
        """Has it begin to go down; start_again() is to follow."""
        self.do("systemctl --no-block reboot")

    def start_again(self, timeout=BOOT_SECONDS):
        """Once it is down, another QEMU boots it.

        A reset of emulated processors that are threads may leave the BIOS waiting for one of them.
        """
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name}: not down after {timeout} s, see {self.console_path}"
                         ) from None
        self.agent.close()
        self.start(*self.started_with)

    def wait_boot(self, timeout=BOOT_SECONDS):
        """Until systemd has done all that it does at boot, whatever came of it."""
        end = time.monotonic() + timeout
        while not self.agent_is_there():
            if self.process.poll() is not None:
                raise Failed(f"{self.name}: QEMU has ended, see {self.name}-qemu.log")
            if time.monotonic() > end:
                raise Failed(f"{self.name}: not booted within {timeout} s, see {self.console_path}")
            time.sleep(POLL)
        self.boots += 1
        self.run("systemctl is-system-running --wait", timeout)
        self.do("mountpoint -q /mnt/host || mount -t 9p -o trans=virtio,ro,msize=262144 host /mnt/host")
