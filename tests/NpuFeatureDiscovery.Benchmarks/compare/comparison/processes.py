"""Processes, and what the kernel tells of them."""
import os, pathlib, socket, subprocess, sys, tempfile, time

DEADLINE = 60
# As in the image; a variable of whoever runs this must not decide.
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if not name.startswith('DOTNET_')},
               'DOTNET_EnableDiagnostics': '0', 'DOTNET_GCgen0size': '100000'}


class Process:
    def __init__(self, command):
        self._name = str(command[0])
        self._log = tempfile.TemporaryFile()
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._log, env=ENVIRONMENT)
        self._proc = pathlib.Path('/proc', str(self._process.pid))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error and self._process.poll():
            self._log.seek(0)
            print(f'{self._name} ended with {self._process.returncode}:\n{self._log.read().decode()}', file=sys.stderr)
        self.end()

    def end(self):
        self._process.kill()
        self._process.wait()
        self._log.close()

    def wait_for_end(self):
        """Milliseconds from exec to exit, and of processor time."""
        _, status, usage = os.wait4(self._process.pid, 0)
        took = self.milliseconds()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode != 0:
            raise RuntimeError(f'{self._name} ended with exit code {self._process.returncode}')
        return took, (usage.ru_utime + usage.ru_stime) * 1000

    def milliseconds(self):
        """Since the exec."""
        return (time.perf_counter() - self.began) * 1000

    def cpu(self):
        """Milliseconds of processor time, of all threads, also of those that ended."""
        # The id of the clock of another process: clock_getcpuclockid(3).
        return time.clock_gettime_ns((~self._process.pid << 3) | 2) / 1e6

    def memory(self):
        """In KiB."""
        lines = (self._proc / 'smaps_rollup').read_text().splitlines()[1:] + (self._proc / 'status').read_text().splitlines()
        fields = dict(line.split(':', 1) for line in lines)
        return {name: int(fields[name].split()[0]) for name in ('Pss', 'Rss', 'RssAnon')}


def wait(condition, what, pause=0.0002):
    """Until it is so; what it then is."""
    deadline = time.monotonic() + DEADLINE
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f'{what}: not within {DEADLINE} s')
        time.sleep(pause)
    return result


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]
