"""The long-running processes, each of which is asked whether it serves every card."""
import contextlib, json, socket, subprocess

from .processes import Process, free_port, wait
from .scrapes import Connection

FEATURE_FILE = 'npu-feature-discovery'


class Daemon(Process):
    """One that is started in an empty folder of its own."""

    def __init__(self, program, host, folder, peer):
        self._program, self._host, self._folder, self._peer, self._port = program, host, folder, peer, free_port()
        super().__init__(self._command())

    def connect(self):
        """Until it serves."""
        wait(self._serves, f'{self._program.name}: {self.what} of {self._host.cards} cards')


class Labeller(Daemon):
    what = 'label'

    def _command(self):
        # One that ends when it has written the file starts as soon as one that stays.
        return getattr(self._program, 'label', self._program.label_once)(self._host, self._folder)

    def _serves(self):
        return (self._folder / FEATURE_FILE).exists()

    def check(self):
        check_file(self._folder, self._host)


class Exporter(Daemon):
    what = 'exporter'
    _connection = None

    def _command(self):
        return self._program.exporter(self._host, self._port)

    def __exit__(self, *error):
        if self._connection:
            self._connection.close()
        super().__exit__(*error)

    def _serves(self):
        with contextlib.suppress(ConnectionError):
            self._connection = Connection(self._port)
            if self._program.temperature in self._connection.scrape()[1]:
                return True
            self._connection.close()
        return False

    def scrape(self):
        """Milliseconds, and the size of the body."""
        took, body = self._connection.scrape()
        check_metrics(body, self._program, self._host)
        return took, len(body)

    def call(self, count):
        for _ in range(count):
            self._connection.scrape()

    def check(self):
        self.connect()
        self.scrape()


class Plugin(Daemon):
    what = 'plugin'

    def _command(self):
        return self._program.plugin(self._host, self._folder)

    def _serves(self):
        with contextlib.suppress(FileNotFoundError, ConnectionError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self._folder / self._program.socket))
            return True
        return False

    def allocate(self, calls):
        """One call of one device after the other, on one connection."""
        return self._ask('allocate', calls)

    def list(self, rounds):
        """The first message of a stream, on an open connection and on one of its own."""
        return self._ask('list', rounds)

    def call(self, count):
        self.allocate(count)

    def check(self):
        self.list(1)

    def _ask(self, verb, count):
        figures = ask(self._peer, verb, self._folder / self._program.socket, count)
        check_units(figures, self._host)
        return figures


class Agent(Daemon):
    """All three in one process."""
    what = 'agent'

    def _command(self):
        return self._program.agent(self._host, self._folder, self._port)

    def check(self):
        check_file(self._folder, self._host)
        check_units(ask(self._peer, 'list', self._folder / self._program.socket, 1), self._host)
        with contextlib.closing(Connection(self._port)) as connection:
            check_metrics(connection.scrape()[1], self._program, self._host)


def check_file(folder, host):
    text = (folder / FEATURE_FILE).read_text()
    assert f'npu.count={host.cards}\n' in text, f'the feature file of {host.cards} cards is\n{text}'


def check_metrics(body, program, host):
    shown = body.count(b'\n' + program.temperature)
    assert shown == host.temperatures, f'{program.name} shows {shown} temperatures of {host.cards} cards'


def check_units(figures, host):
    assert figures['units'] == host.cards, f'a plugin offers {figures["units"]} of {host.cards} cards'


def ask(peer, verb, *arguments):
    """The grpc-go client."""
    asked = subprocess.run([peer, verb, *map(str, arguments)], capture_output=True, timeout=600)
    if asked.returncode != 0:
        raise RuntimeError(f'the client failed to {verb}: {asked.stderr.decode()}')
    return json.loads(asked.stdout)
