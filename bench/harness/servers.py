"""The mock, nginx and Tollgate: configured, started on a free loopback port, and ended by their own pid."""

import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import time

BENCH = pathlib.Path(__file__).resolve().parent.parent
SERVER_CORE = "0"
LOAD_CORE = "1"
ADMIN_TOKEN = "bench-management-token-of-one-run"
START_LIMIT_SECONDS = 20.0


class BenchError(Exception):
    """The bench cannot go on; the text says why."""


def file_limit():
    """Raises this process's soft limit of open files to the hard one, for the children to inherit; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A child pinned to one core."""

    def __init__(self, core, command, log, env=None):
        self.log = pathlib.Path(log)
        self.spawned = time.monotonic()
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                ["taskset", "-c", core, *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **(env or {})},
            )

    def pids(self):
        """The child and its own children (nginx's worker)."""
        return [self.child.pid, *children_of(self.child.pid)]

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def children_of(parent):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(after_name[1]) == parent:
                    found.append(int(entry.name))
    return found


def memory_kb(pids, field):
    """The sum of `VmRSS` or `VmHWM` over processes."""
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                total += int(line.split()[1])
    return total


class Server:
    """What a run needs of a system under test."""

    name = ""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.keys_file = self.directory / "keys.txt"
        self.process = None

    def model(self, scenario):
        return f"{scenario.provider}/{scenario.model}"

    def first_answer(self):
        """Asks until a whole answer comes; returns seconds since the process was started."""
        key = self.keys_file.read_text().splitlines()[0]
        body = json.dumps({"model": "mock/bench-whole", "messages": [{"role": "user", "content": "Hello"}]})
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        last = "nothing"
        while time.monotonic() - self.process.spawned < START_LIMIT_SECONDS:
            if self.process.child.poll() is not None:
                break
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("POST", "/v1/chat/completions", body, headers)
                response = connection.getresponse()
                last = f"{response.status} {response.read()[:300]!r}"
                if response.status == 200:
                    return time.monotonic() - self.process.spawned
                if response.status < 500:
                    break
            except OSError as error:
                last = repr(error)
            finally:
                connection.close()
            time.sleep(0.001)
        raise BenchError(f"{self.name} gave no right answer, last: {last}\n{self.process.tail()}")

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None


class Mock(Server):
    """The provider, and as `direct` the system without a gateway: on the load's core in both parts."""

    name = "direct"

    def __init__(self, directory, binary, keys):
        super().__init__(directory)
        self.keys_file.write_text("".join(f"sk-bench-{number:032}\n" for number in range(keys)))
        self.binary = binary

    def start(self):
        command = [self.binary, "--listen", f"127.0.0.1:{self.port}"]
        self.process = Process(LOAD_CORE, command, self.directory / "log")
        self.first_answer()


class Nginx(Server):
    """nginx with the committed configuration and the mock's keys."""

    name = "nginx"

    def __init__(self, directory, mock, files):
        super().__init__(directory)
        # The worker gives up root and must still reach its folders.
        self.directory.chmod(0o755)
        keys = mock.keys_file.read_text()
        self.keys_file.write_text(keys)
        (self.directory / "keys.map").write_text("".join(f'"Bearer {key}" 1;\n' for key in keys.splitlines()))
        text = (BENCH / "nginx.conf.template").read_text()
        for name, value in {
            "DIR": self.directory, "MOCK": f"127.0.0.1:{mock.port}", "LISTEN": f"127.0.0.1:{self.port}",
            # More than files: with few connections free, nginx closes idle ones that the load still means to use.
            "FILES": files, "CONNECTIONS": min(files * 5 // 4, 32_768),
        }.items():
            text = text.replace(f"@{name}@", str(value))
        (self.directory / "nginx.conf").write_text(text)

    @staticmethod
    def ensure_installed():
        """Installs Debian's package where it is missing and we may; its service is not to start."""
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
        if not shutil.which("nginx", path=path):
            if os.geteuid() != 0:
                raise BenchError("nginx is missing: apt-get install nginx-light")
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
            subprocess.run(["apt-get", "install", "-y", "-q", "nginx-light"], check=True, env=env, stdout=sys.stderr)
        return shutil.which("nginx", path=path)

    def start(self):
        command = [self.ensure_installed(), "-p", self.directory, "-e", self.directory / "error.log",
                   "-c", self.directory / "nginx.conf"]
        self.process = Process(SERVER_CORE, command, self.directory / "log")
        return self.first_answer()


class Tollgate(Server):
    """Tollgate on a data folder of its own, with the committed configuration."""

    name = "tollgate"

    def __init__(self, directory, mock, binary, keys):
        super().__init__(directory)
        self.binary = binary
        self.data = self.directory / "data"
        self.config = self.directory / "tollgate.toml"
        text = (BENCH / "tollgate.toml.template").read_text()
        self.config.write_text(text.replace("@MOCK@", f"127.0.0.1:{mock.port}"))
        self.make_keys(keys)

    def start(self):
        command = [self.binary, "serve", "--config", self.config, "--data", self.data,
                   "--listen", f"127.0.0.1:{self.port}"]
        self.process = Process(SERVER_CORE, command, self.directory / "log", {"TOLLGATE_ADMIN_TOKEN": ADMIN_TOKEN})
        return self.first_answer()

    def make_keys(self, count):
        """One key by the command line, the others over the admin API of the server, which takes seconds, not minutes."""
        created = subprocess.run(
            [self.binary, "keys", "create", "--project", "bench", "--name", "bench-0", "--data", self.data, "--json"],
            capture_output=True, text=True, timeout=30, env={**os.environ, "TOLLGATE_ADMIN_TOKEN": ADMIN_TOKEN},
        )
        if created.returncode != 0:
            raise BenchError(f"tollgate keys create failed: {created.stderr.strip()}")
        keys = [json.loads(created.stdout)["key"]]
        self.keys_file.write_text(keys[0] + "\n")
        self.start()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            headers = {"authorization": f"Bearer {ADMIN_TOKEN}", "content-type": "application/json"}
            while len(keys) < count:
                body = json.dumps({"project": "bench", "name": f"bench-{len(keys)}"})
                connection.request("POST", "/admin/v1/keys", body, headers)
                response = connection.getresponse()
                answer = response.read()
                if response.status not in (200, 201):
                    raise BenchError(f"POST /admin/v1/keys: {response.status} {answer[:300]!r}")
                keys.append(json.loads(answer)["key"])
        finally:
            self.stop()
        self.keys_file.write_text("".join(f"{key}\n" for key in keys))
