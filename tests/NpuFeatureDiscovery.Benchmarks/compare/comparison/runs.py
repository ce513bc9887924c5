"""One run: what takes part, how often, and where."""
import contextlib, pathlib, sys, tempfile

from .daemons import Exporter
from .hosts import Host
from .results import Results

# More would take hours of the slowest, and tell nothing new.
LONG_UP_TO = 8


class Run:
    def __init__(self, work, arguments, programs, peer):
        self._work, self._arguments, self.programs, self.peer = work, arguments, programs, peer
        self.results = Results()
        self.hosts = [Host(work / f'host-{cards}', cards) for cards in arguments.devices]
        quick = arguments.quick
        self.runs = 1 if quick else arguments.runs
        self.starts = 1 if quick else 3 * arguments.runs
        self.settle, self.rest = (3, 1) if quick else (60, 60)
        self.scrapes, self.calls = (20, 100) if quick else (500, 10_000)

    def that(self, do):
        """The programs that can do it."""
        missing = do in ('plugin', 'agent') and self.peer is None
        return [] if missing else [program for program in self.programs if hasattr(program, do)]

    def rounds(self, part, count):
        """Each host so often; the rounds of all hosts take turns too."""
        for number in range(count):
            for host in self.hosts:
                self.tell(f'{part}, {number + 1} of {count}: {host.cards} devices')
                yield host

    def checkpoints(self, daemon, host):
        """Numbers of calls after which the memory is looked at."""
        if self._arguments.quick:
            return [0, self.calls]
        is_long = self._arguments.long and (daemon is not Exporter or host.cards <= LONG_UP_TO)
        return [0, 10_000, 20_000, 100_000] if is_long else [0, 10_000]

    def folder(self):
        return folder_in(self._work)

    def add(self, figure, unit, devices, program, value):
        self.results.add(figure, unit, devices, program.name, value)

    def tell(self, progress):
        """To a person alone."""
        if sys.stderr.isatty():
            print(f'\r\033[K{progress}', end='', file=sys.stderr, flush=True)


@contextlib.contextmanager
def folder_in(work):
    with tempfile.TemporaryDirectory(dir=work) as folder:
        yield pathlib.Path(folder)
