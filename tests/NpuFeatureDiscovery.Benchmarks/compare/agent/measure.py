#!/usr/bin/env python3
"""Measures how soon the agent's outputs tell of an event, and what it takes at rest beside the three apart: see README.md."""
import argparse, collections, concurrent.futures, contextlib, http.client, os, pathlib, random, re, shutil, statistics
import subprocess, tempfile, threading, time

import grpc

REPOSITORY = pathlib.Path(__file__).resolve().parents[4]
SAMPLE = REPOSITORY / 'samples/nodes/warboy-2'
DEADLINE = 30
# Of the sample's cards npu0 dies and recovers, and npu1 is pulled and plugged in.
ALIVE = 'sys/devices/virtual/npu_mgmt/npu0_mgmt/alive'


def fields(message):
    """The length-delimited fields of a protobuf message: all that the kubelet's messages have in what is looked at."""
    at = 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        length = varint()
        if key & 7 == 2:
            yield key >> 3, message[at:at + length]
            at += length


class Kubelet:
    """Takes registrations and keeps the newest list of each plugin, as a kubelet does."""

    def __init__(self, folder):
        self._folder, self.healthy = folder, None
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        register = grpc.unary_unary_rpc_method_handler(self._register, bytes, bytes)
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler('v1beta1.Registration', {'Register': register})])
        self._server.add_insecure_port(f'unix:{folder}/kubelet.sock')
        self._server.start()

    def _register(self, request, context):
        endpoint = dict(fields(request))[2].decode()
        threading.Thread(target=self._follow, args=[endpoint], daemon=True).start()
        return b''

    def _follow(self, endpoint):
        with contextlib.suppress(grpc.RpcError), grpc.insecure_channel(f'unix:{self._folder}/{endpoint}') as channel:
            for message in channel.unary_stream('/v1beta1.DevicePlugin/ListAndWatch')(b''):
                devices = [dict(fields(device)) for number, device in fields(message) if number == 1]
                self.healthy = sum(device[2] == b'Healthy' for device in devices)
        self.healthy = None

    def end(self):
        self._server.stop(None)


class Host:
    """The sample's two cards. Regular files stand for the device nodes."""

    def __init__(self, root):
        self._root, self._aside = root / 'host', root / 'aside'
        shutil.copytree(SAMPLE, self._root, symlinks=True)
        self._aside.mkdir()
        self._parts = [path.relative_to(self._root) for folder in ('sys/class/npu_mgmt', 'dev')
                       for path in (self._root / folder).iterdir() if path.name.startswith('npu1')]
        self._parts.append(next(path.relative_to(self._root) for path in (self._root / 'sys/bus/pci/devices').iterdir()
                                if path.name == (SAMPLE / 'sys/class/npu_mgmt/npu1_mgmt/busname').read_text().strip()))

    def __str__(self):
        return str(self._root)

    def die(self):
        self._write('0\n')

    def recover(self):
        self._write('1\n')

    def pull(self):
        self._move(self._root, self._aside)

    def plug(self):
        # The driver makes its folders before udev makes the nodes.
        self._move(self._aside, self._root)

    def _move(self, source, target):
        for part in self._parts:
            os.rename(self._path(source, part), self._path(target, part))

    def _path(self, folder, part):
        return folder / (str(part).replace('/', '_') if folder == self._aside else part)

    def _write(self, text):
        # In one write, as sysfs has it: a reader never sees an empty file.
        with open(self._root / ALIVE, 'r+') as file:
            file.write(text)


class Metrics:
    def __init__(self, port):
        self._connection = http.client.HTTPConnection('127.0.0.1', port, timeout=DEADLINE)

    def read(self):
        self._connection.request('GET', '/metrics')
        return self._connection.getresponse().read().decode()


def alive(text):
    return sum(line.endswith(' 1') for line in text.splitlines() if line.startswith('furiosa_npu_alive{'))


def generation(text, name):
    found = re.search(rf'^{name} (\d+)$', text, re.MULTILINE)
    return int(found.group(1)) if found else None


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Programs:
    def __init__(self, executable, work, host, apart):
        plugins, features = work / 'plugins', work / 'features'
        for folder in (plugins, features):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        self.kubelet, self.port = Kubelet(plugins), free_port()
        self.file = features / 'npu-feature-discovery'
        if apart:
            commands = [
                ['label', '--output', 'file', '--features-dir', str(features)],
                ['device-plugin', '--plugin-dir', str(plugins), '--interval', '60'],
                ['metrics-exporter', '--address', f'127.0.0.1:{self.port}', '--pod-resources', 'off', '--interval', '60']]
        else:
            config = work / 'agent.yaml'
            config.write_text(
                f'address: 127.0.0.1:{self.port}\nlabel: {{output: file, featuresDir: {features}}}\n'
                f'devicePlugin: {{pluginDir: {plugins}}}\nmetrics: {{podResources: "off"}}\n')
            commands = [['agent', '--config-file', str(config)]]
        environment = {**os.environ, 'DOTNET_EnableDiagnostics': '0'}
        self.processes = [subprocess.Popen([executable, *command, '--root', str(host)], stderr=subprocess.DEVNULL, env=environment)
                          for command in commands]
        wait(lambda: self.kubelet.healthy == 2 and self.file.exists(), 'the start')

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self.kubelet.end()


def wait(condition, what):
    deadline = time.time() + DEADLINE
    while not condition():
        if time.time() > deadline:
            raise TimeoutError(what)
        time.sleep(0.002)


def news(programs, host, events, seed):
    """From each event on, how long until each output tells it."""
    chance, metrics = random.Random(seed), Metrics(programs.port)
    wait(lambda: alive(metrics.read()) == 2, 'the metrics')
    times = collections.defaultdict(list)

    def follow(event, act, file, healthy):
        before, count = generation(metrics.read(), 'npu_agent_snapshot_generation'), programs.file.stat().st_mtime_ns
        # Whatever the phase of the readings is.
        time.sleep(chance.uniform(0.6, 1.6))
        began = time.perf_counter()
        act()
        waits = {
            'file': lambda text: f'npu.count={file}\n' in programs.file.read_text(),
            'labels published': lambda text: (generation(text, 'npu_labels_snapshot_generation') or 0) > before,
            'list': lambda text: programs.kubelet.healthy == healthy,
            'metrics': lambda text: alive(text) == healthy}
        if event in ('dies', 'recovers'):
            # No label tells of health: the pass of publishing is what there is to see.
            del waits['file']
        while waits:
            for name in [name for name in ('file', 'list') if name in waits]:
                if waits[name](None):
                    times[f'{event}: {name}'].append(time.perf_counter() - began)
                    del waits[name]
            if any(name in waits for name in ('labels published', 'metrics')):
                text = metrics.read()
                for name in [name for name in ('labels published', 'metrics') if name in waits]:
                    if waits[name](text):
                        times[f'{event}: {name}'].append(time.perf_counter() - began)
                        del waits[name]
            if time.perf_counter() - began > DEADLINE:
                raise TimeoutError(f'{event}: {list(waits)}')
            time.sleep(0.005)

    for _ in range(events // 2):
        follow('dies', host.die, 2, 1)
        follow('recovers', host.recover, 2, 2)
    for _ in range(events // 2):
        follow('is pulled', host.pull, 1, 1)
        follow('is plugged in', host.plug, 2, 2)
    print('| event: output | p50 s | p99 s | max s | of |\n|---|---|---|---|---|')
    for name, values in times.items():
        values.sort()
        p99 = values[min(len(values) - 1, int(len(values) * 0.99))]
        print(f'| {name} | {statistics.median(values):.3f} | {p99:.3f} | {values[-1]:.3f} | {len(values)} |')


def figures(process):
    folder = pathlib.Path('/proc', str(process.pid))
    memory = {}
    for line in (folder / 'smaps_rollup').read_text().splitlines()[1:] + (folder / 'status').read_text().splitlines():
        name, _, value = line.partition(':')
        if name in ('Pss', 'Rss', 'RssAnon'):
            memory[name] = int(value.split()[0])
    # In nanoseconds, where /proc/PID/stat counts in hundredths of a second.
    used = sum(int((task / 'schedstat').read_text().split()[0]) for task in (folder / 'task').iterdir()) / 1e9
    io = dict(line.split(': ') for line in (folder / 'io').read_text().splitlines())
    return memory, used, int(io['wchar'])


def rest(title, programs, settle, seconds):
    time.sleep(settle)
    metrics = Metrics(programs.port)
    metrics.read()
    written = programs.file.stat().st_mtime_ns
    before = [figures(process) for process in programs.processes]
    time.sleep(seconds)
    after = [figures(process) for process in programs.processes]
    memory = ' | '.join(str(sum(each[0][name] for each in after)) for name in ('Pss', 'Rss', 'RssAnon'))
    used = sum(end[1] - begin[1] for begin, end in zip(before, after))
    chars = sum(end[2] - begin[2] for begin, end in zip(before, after))
    print(f'| {title} | {len(after)} | {memory} | {used:.3f} | {100 * used / seconds:.3f} | {chars} | '
          f'{programs.file.stat().st_mtime_ns != written} |', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('executable')
    parser.add_argument('--events', type=int, default=100, help='of each kind: health, and presence')
    parser.add_argument('--settle', type=float, default=100, help='seconds from the start to the rest that is measured')
    parser.add_argument('--rest', type=float, default=60, help='seconds of rest')
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix='npu-compare-') as work:
        work = pathlib.Path(work)
        host = Host(work)
        print('| at rest | processes | PSS kB | RSS kB | RssAnon kB | CPU s | % of a core | bytes written | file written |\n'
              f'|{"---|" * 9}', flush=True)
        for title, apart in (('agent', False), ('three apart', True)):
            programs = Programs(arguments.executable, work, host, apart)
            try:
                rest(title, programs, arguments.settle, arguments.rest)
            finally:
                programs.end()
        print(flush=True)
        programs = Programs(arguments.executable, work, host, apart=False)
        try:
            news(programs, host, arguments.events, arguments.seed)
        finally:
            programs.end()


main()
