#!/usr/bin/env python3
"""Scrapes published metrics exporters and Debian's prometheus-node-exporter in turn on the same hosts: see README.md."""
import argparse, os, pathlib, re, socket, statistics, subprocess, tempfile, time

REPOSITORY = pathlib.Path(__file__).resolve().parents[4]
SAMPLE = REPOSITORY / 'samples/nodes/warboy-1'
CARDS = [1, 8, 64]
WARM_UP = 1000
PAUSE = 0.01
PEER = 'node_exporter'


def make_host(root, cards):
    """The sample's card as often as asked for. Regular files stand for the device nodes."""
    for index in range(cards):
        def rename(text):
            return (text.replace('npu0', f'npu{index}').replace('0000:01:00.0', f'0000:{index + 1:02x}:00.0')
                    .replace('hwmon2', f'hwmon{index}'))

        for source in sorted(SAMPLE.rglob('*')):
            target = root / rename(str(source.relative_to(SAMPLE)))
            if source.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.is_symlink():
                    target.symlink_to(rename(os.readlink(source)))
            elif source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                text = rename(source.read_text())
                if source.name == 'device_uuid':
                    text = f'{text.strip()[:-4]}{index:04X}\n'
                target.write_text(text)


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def join_chunks(body):
    joined = b''
    while body:
        size, body = body.split(b'\r\n', 1)
        joined, body = joined + body[:int(size, 16)], body[int(size, 16) + 2:]
    return joined


class Exporter:
    def __init__(self, name, cards, root, command):
        self.name, self.cards, self.port = name, cards, free_port()
        address = f'127.0.0.1:{self.port}'
        if name == PEER:
            self.command = [command, '--collector.disable-defaults', '--collector.hwmon', f'--path.sysfs={root}/sys',
                            f'--web.listen-address={address}']
            self.temperature = b'node_hwmon_temp_celsius{'
        else:
            self.command = [command, 'metrics-exporter', '--root', str(root), '--address', address,
                            '--pod-resources', 'off', '--profile', 'base-units']
            self.temperature = b'furiosa_npu_temperature_celsius{'
        self.runs = []

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connection = socket.create_connection(('127.0.0.1', self.port))
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.scrape()[1].count(self.temperature) > 0:
                    return
                self.connection.close()
            except ConnectionError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f'{self.name} shows no card')
            time.sleep(0.05)

    def scrape(self):
        """Milliseconds, and the body."""
        started = time.perf_counter()
        self.connection.sendall(b'GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4\r\n\r\n')
        answer = b''
        while b'\r\n\r\n' not in answer:
            answer += self.receive()
        head, body = answer.split(b'\r\n\r\n', 1)
        if length := re.search(rb'(?i)content-length: (\d+)', head):
            while len(body) < int(length[1]):
                body += self.receive()
        else:
            while not body.endswith(b'\r\n0\r\n\r\n'):
                body += self.receive()
        took = (time.perf_counter() - started) * 1000
        return took, body if length else join_chunks(body)

    def receive(self):
        part = self.connection.recv(1 << 20)
        if not part:
            raise ConnectionError(f'{self.name} closed the connection')
        return part

    def cpu(self):
        """Milliseconds of user and kernel mode, of all threads."""
        fields = open(f'/proc/{self.process.pid}/stat').read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf('SC_CLK_TCK')

    def memory(self):
        fields = dict(line.split(':', 1) for line in open(f'/proc/{self.process.pid}/status') if ':' in line)
        return {name: int(fields[name].split()[0]) for name in ('VmRSS', 'RssAnon', 'VmHWM')}

    def check(self, body):
        of_sample = len(list(SAMPLE.rglob('temp*_input')))
        shown = body.count(b'\n' + self.temperature)
        assert shown == of_sample * self.cards, f'{self.name} shows {shown} temperatures of {self.cards} cards'

    def end(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()


def measure(exporters, scrapes):
    """In turn, so that what disturbs the machine disturbs all."""
    times, sizes = {exporter: [] for exporter in exporters}, {}
    for exporter in exporters:
        exporter.start()
    try:
        for _ in range(WARM_UP):
            for exporter in exporters:
                exporter.scrape()
        before = {exporter: exporter.cpu() for exporter in exporters}
        for _ in range(scrapes):
            for exporter in exporters:
                took, body = exporter.scrape()
                exporter.check(body)
                times[exporter].append(took)
                sizes[exporter] = len(body)
                time.sleep(PAUSE)
        for exporter in exporters:
            cuts = statistics.quantiles(times[exporter], n=100)
            exporter.runs.append({
                'p50': cuts[49], 'p99': cuts[98], 'cpu': (exporter.cpu() - before[exporter]) / scrapes,
                'bytes': sizes[exporter], **exporter.memory()})
    finally:
        for exporter in exporters:
            exporter.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('executables', nargs='+', help='published executables, as NAME=PATH')
    parser.add_argument('--peer', default='prometheus-node-exporter')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--scrapes', type=int, default=500)
    arguments = parser.parse_args()

    columns = ['exporter', 'cards', 'p50 ms', 'p99 ms', 'CPU ms a scrape', 'RSS / RssAnon / HWM kB', 'bytes',
               'p50 : peer', 'CPU : peer', 'RSS : peer', 'RssAnon : peer']
    print(f'| {" | ".join(columns)} |\n|{"---|" * len(columns)}')
    with tempfile.TemporaryDirectory(prefix='npu-compare-') as work:
        for cards in CARDS:
            root = pathlib.Path(work) / f'host-{cards}'
            make_host(root, cards)
            commands = [(PEER, arguments.peer), *(executable.split('=', 1) for executable in arguments.executables)]
            exporters = [Exporter(name, cards, root, command) for name, command in commands]
            for _ in range(arguments.runs):
                measure(exporters, arguments.scrapes)

            for exporter in exporters:
                def median(name, of=exporter):
                    return statistics.median(run[name] for run in of.runs)

                def ratio(name):
                    return f'{median(name) / median(name, exporters[0]):.2f}'

                row = [exporter.name, str(cards), f'{median("p50"):.2f}', f'{median("p99"):.2f}', f'{median("cpu"):.2f}',
                       f'{median("VmRSS"):.0f} / {median("RssAnon"):.0f} / {median("VmHWM"):.0f}', f'{median("bytes"):.0f}',
                       ratio('p50'), ratio('cpu'), ratio('VmRSS'), ratio('RssAnon')]
                print(f'| {" | ".join(row)} |', flush=True)


main()
