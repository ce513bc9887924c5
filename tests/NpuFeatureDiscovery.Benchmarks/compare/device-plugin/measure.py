#!/usr/bin/env python3
"""Measures published device plugins through a Go client, beside a minimal plugin of the same grpc-go: see README.md."""
import argparse, json, os, pathlib, shutil, statistics, subprocess, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[3]
SAMPLE = REPOSITORY / 'samples/nodes/rngd-1'
STARTS = 9
# Units, the cards that they take, how one is asked for, and the device nodes of an answer as long as ours.
SIZES = [(1, 1, 'Fusion', 36), (64, 8, 'Single', 23), (1000, 125, 'Single', 23)]


def build_client(folder):
    shutil.copy(HERE / 'main.go', folder)
    protos = REPOSITORY / 'src/NpuFeatureDiscovery.DevicePlugin/Protos'
    go = f'--go_out=plugins=grpc,import_path=main:{folder}'
    subprocess.run(['protoc', f'-I{protos}', go, 'deviceplugin.proto'], check=True)
    environment = {**os.environ, 'GO111MODULE': 'off', 'GOPATH': '/usr/share/gocode', 'CGO_ENABLED': '0'}
    subprocess.run(['go', 'build', '-ldflags', '-s -w', '-o', 'client', '.'], cwd=folder, env=environment, check=True)
    return str(folder / 'client')


def make_host(root, cards):
    """The sample's card as often as asked for. Regular files stand for the device nodes."""
    for index in range(cards):
        bus = f'0000:{index + 1:02x}:00.0'

        def rename(text):
            return text.replace('npu0', f'npu{index}').replace('0000:41:00.0', bus).replace('hwmon2', f'hwmon{index}')

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


def memory(process):
    fields = dict(line.split(':', 1) for line in open(f'/proc/{process.pid}/status') if ':' in line)
    return {name: int(fields[name].split()[0]) for name in ('VmRSS', 'RssAnon', 'VmHWM')}


class Plugin:
    def __init__(self, name, size, command, folder, socket):
        self.name, self.units, self.command, self.folder, self.socket = name, size[0], command, folder, socket
        self.figures = []

    def start(self):
        (self.folder / self.socket).unlink(missing_ok=True)
        # Nobody is there to register with: whoever listened to the kubelet's socket has ended.
        (self.folder / 'kubelet.sock').unlink(missing_ok=True)
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)

    def ask(self, client, verb, *arguments):
        what = [client, verb, str(self.folder / self.socket), *map(str, arguments)]
        return json.loads(subprocess.run(what, check=True, stdout=subprocess.PIPE, timeout=300).stdout)

    def measure(self, client):
        idle = memory(self.process)
        allocate = self.ask(client, 'allocate', 500, 10_000)
        assert allocate['units'] == self.units, f'{self.name} has {allocate["units"]} units, not {self.units}'
        after = memory(self.process)
        listed = self.ask(client, 'list', 200)
        end = memory(self.process)
        figures = {'Allocate': allocate, 'List': listed, 'idle': idle, 'after': after, 'end': end}
        self.figures.append({f'{what} {name}': value for what, values in figures.items() for name, value in values.items()})

    def time_start(self, client):
        what = [client, 'start', str(self.folder), self.socket, *self.command]
        return json.loads(subprocess.run(what, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout)

    def end(self):
        self.process.kill()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('executables', nargs='+', help='published executables, as NAME=PATH')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--idle', type=float, default=60, help='seconds from start to the first call')
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix='npu-compare-') as work:
        work = pathlib.Path(work)
        (work / 'go').mkdir()
        client = build_client(work / 'go')
        plugins = []
        for size in SIZES:
            units, cards, default_pe, nodes = size
            root = work / f'host-{units}'
            make_host(root, cards)
            for name, path in [('stub', client), *(executable.split('=', 1) for executable in arguments.executables)]:
                folder = work / f'{name}-{units}'
                folder.mkdir()
                if name == 'stub':
                    plugins.append(Plugin(name, size, [client, 'stub', str(folder), str(units), str(nodes)], folder, 'stub'))
                else:
                    command = [path, 'device-plugin', '--root', root, '--plugin-dir', folder, '--default-pe', default_pe]
                    plugins.append(Plugin(name, size, list(map(str, command)), folder, 'furiosa-npu'))

        starts = {plugin: [plugin.time_start(client) for _ in range(STARTS)] for plugin in plugins}
        for run in range(arguments.runs):
            for plugin in plugins:
                plugin.start()
            try:
                time.sleep(arguments.idle)
                # The largest first, and none goes on that is done: they read their hosts every 10 seconds.
                for plugin in reversed(plugins):
                    plugin.measure(client)
                    plugin.end()
            finally:
                for plugin in plugins:
                    plugin.end()

        columns = [
            'plugin', 'units', 'Allocate p50 / p90 / p99 / max us', 'calls/s', 'answer bytes',
            'first message, open connection, p50 / p99 us', 'dial + first message p50 / p99 us', 'list bytes',
            'RSS / RssAnon idle kB', 'after the calls', 'HWM', 'exec to Register / served ms (min-max)']
        print(f'| {" | ".join(columns)} |\n|{"---|" * len(columns)}')
        for plugin in plugins:
            def median(*names):
                return ' / '.join(f'{statistics.median(figures[name] for figures in plugin.figures):.0f}' for name in names)

            def start(name):
                return [figures[name] for figures in starts[plugin]]

            row = [
                plugin.name, str(plugin.units), median('Allocate p50', 'Allocate p90', 'Allocate p99', 'Allocate max'),
                median('Allocate calls/s'), median('Allocate bytes'), median('List p50', 'List p99'),
                median('List dial p50', 'List dial p99'), median('List bytes'), median('idle VmRSS', 'idle RssAnon'),
                median('after VmRSS', 'after RssAnon'), median('end VmHWM'),
                f'{statistics.median(start("registered")):.1f} / {statistics.median(start("served")):.1f} '
                f'({min(start("registered")):.1f}-{max(start("registered")):.1f})']
            print(f'| {" | ".join(row)} |')


main()
