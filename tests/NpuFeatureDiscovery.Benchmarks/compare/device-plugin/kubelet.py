#!/usr/bin/env python3
"""Kills a real kubelet and the device plugin, again and again, and tells how long all takes to be well: see README.md."""
import argparse, collections, contextlib, datetime, math, os, pathlib, random, re, shutil, signal, statistics, subprocess, sys
import tempfile, threading, time

REPOSITORY = pathlib.Path(__file__).resolve().parents[4]
CLUSTER = pathlib.Path(os.environ['NPU_CLUSTER_DIR'])
RESOURCE = 'beta.furiosa.ai/npu'
WATCHED = 'the kubelet watches the devices'
FOLDER = pathlib.Path('/var/lib/kubelet/device-plugins')
CHECKPOINT = FOLDER / 'kubelet_internal_checkpoint'
DEADLINE = 60


def shell(*command, text=''):
    return subprocess.run(
        command, input=text, check=True, stdout=subprocess.PIPE, universal_newlines=True, timeout=DEADLINE).stdout


class Lines:
    """What a program prints, each line with the time at which it came."""

    def __init__(self, command, stream='stdout'):
        self._lines, self._more = [], threading.Condition()
        self.began = time.time()
        self.process = subprocess.Popen(command, **{stream: subprocess.PIPE}, universal_newlines=True, bufsize=1)
        threading.Thread(target=self._read, args=[getattr(self.process, stream)], daemon=True).start()

    def _read(self, stream):
        for line in stream:
            with self._more:
                self._lines.append((time.time(), line.rstrip()))
                self._more.notify_all()

    def first(self, since, is_it):
        """The time of the first line since then that is it; fails at the deadline."""
        deadline = time.time() + DEADLINE
        with self._more:
            while True:
                for at, line in self._lines:
                    if at >= since and is_it(line):
                        return at
                if not self._more.wait(deadline - time.time()) and time.time() >= deadline:
                    raise TimeoutError('\n'.join(line for at, line in self._lines[-10:]))

    def end(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def host():
    """Two Warboys whose nodes are in /dev, so that containers can really be given them."""
    with tempfile.TemporaryDirectory(prefix='npu-host-') as folder:
        root = pathlib.Path(folder) / 'root'
        shutil.copytree(REPOSITORY / 'samples/nodes/warboy-2', root, symlinks=True)
        nodes = [pathlib.Path('/dev', node.name) for node in (root / 'dev').iterdir()]
        shutil.rmtree(root / 'dev')
        (root / 'dev').symlink_to('/dev')
        made = []
        try:
            for node in nodes:
                shell('mknod', str(node), 'c', '1', '3')
                made.append(node)
            yield root
        finally:
            for node in made:
                node.unlink()


class Kubelet:
    id_file = CLUSTER / 'pid/kubelet'

    def __init__(self):
        process = pathlib.Path('/proc', self.id_file.read_text().strip())
        self._command = (process / 'cmdline').read_bytes().decode().strip('\0').split('\0')
        self._command[0] = os.readlink(process / 'exe')
        self._process = None

    def kill(self):
        id = int(self.id_file.read_text())
        os.kill(id, 9)
        if self._process:
            self._process.wait()
        while pathlib.Path('/proc', str(id)).exists():
            time.sleep(0.01)

    def start(self):
        began = time.time()
        with open(CLUSTER / 'log/kubelet.log', 'a') as log:
            self._process = subprocess.Popen(
                self._command, cwd='/', stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.id_file.write_text(f'{self._process.pid}\n')
        return began

    def restore(self):
        if not pathlib.Path('/proc', self.id_file.read_text().strip()).exists():
            self.start()


def create_pod(name):
    shell('kubectl', 'apply', '-f', '-', text=f'''
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{test: npu}}}}
spec:
  hostNetwork: true
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
  - name: npu
    image: busybox:1
    imagePullPolicy: IfNotPresent
    command: [sleep, "100000"]
    resources: {{limits: {{{RESOURCE}: 1}}}}
''')


def pod_state(name):
    container = '.status.containerStatuses[0]'
    return shell('kubectl', 'get', 'pod', name, '-o',
                 f'jsonpath={{.status.phase}} {{{container}.containerID}} {{{container}.restartCount}} {{.status.message}}').strip()


def delete_pods(*which):
    shell('kubectl', 'delete', 'pods', *(which or ['-l', 'test=npu']), '--now', '--ignore-not-found')


def offers(count, since):
    """A line of the watched node: so many are allocatable, by a status that was written since then."""
    def is_it(line):
        allocatable, _, heartbeat = line.partition(' ')
        if allocatable != str(count) or not heartbeat:
            return False
        written = datetime.datetime.strptime(heartbeat, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=datetime.timezone.utc)
        return written.timestamp() >= math.floor(since)
    return is_it


def figures(id):
    """What a process holds."""
    process = pathlib.Path('/proc', str(id))
    targets = []
    for handle in (process / 'fd').iterdir():
        with contextlib.suppress(FileNotFoundError):
            targets.append(os.readlink(handle))
    anonymous = re.search(r'RssAnon:\s*(\d+ kB)', (process / 'status').read_text()).group(1)
    return (f'process {id}: {len(targets)} handles, {sum(target.startswith("socket:") for target in targets)} sockets, '
            f'{targets.count("anon_inode:inotify")} inotify, {len(list((process / "task").iterdir()))} threads, RssAnon {anonymous}')


def show(title, figures):
    figures = sorted(figures)
    if figures:
        print(f'{title}: p50 {statistics.median(figures):.2f} s, max {figures[-1]:.2f} s, of {len(figures)}', flush=True)


class Session:
    def __init__(self, executable, root):
        self._command = [executable, 'device-plugin', '--root', str(root)]
        self.kubelet = Kubelet()
        self.kubelet_log = Lines(['tail', '-n0', '-F', str(CLUSTER / 'log/kubelet.log')])
        resource = RESOURCE.replace('.', '\\.')
        self.node = Lines([
            'kubectl', 'get', 'node', 'node-1', '-w', '-o', f'jsonpath={{.status.allocatable.{resource}}} '
            '{.status.conditions[?(@.type=="Ready")].lastHeartbeatTime}{"\\n"}'])
        self.pods = Lines(['kubectl', 'get', 'pods', '-l', 'test=npu', '-w', '-o',
                           'jsonpath={.metadata.name} {.status.phase} {.status.reason}{"\\n"}'])
        self.start_plugin()
        self.plugin.first(0, lambda line: WATCHED in line)
        self.node.first(0, lambda line: line.startswith('2 '))

    def start_plugin(self):
        self.plugin = Lines(self._command, 'stderr')

    def end(self):
        self.kubelet.restore()
        for lines in (self.plugin, self.kubelet_log, self.node, self.pods):
            lines.end()

    def restart_kubelet(self, rounds, rounds_with_a_pod):
        kubelet, lost = self.kubelet, 0
        figures = {name: [] for name in ('Got registration request', WATCHED, 'allocatable 2', 'Pod Running')}
        create_pod('first')
        self.pods.first(0, lambda line: line.startswith('first Running'))
        before = pod_state('first')
        for number in range(rounds):
            kubelet.kill()
            if number < rounds_with_a_pod:
                create_pod(f'second-{number}')
            # The heartbeats of the kubelet have whole seconds: those of the next are to be told from those of the last.
            time.sleep(2.1 - time.time() % 1)
            began = kubelet.start()
            try:
                registration = self.kubelet_log.first(began, lambda line: 'Got registration request' in line)
                figures['Got registration request'].append(registration - began)
                figures[WATCHED].append(self.plugin.first(began, lambda line: WATCHED in line) - began)
                figures['allocatable 2'].append(self.node.first(began, offers(2, began)) - began)
                if number < rounds_with_a_pod:
                    ended = re.compile(f'second-{number} (Running|Failed)')
                    at = self.pods.first(began, ended.match)
                    state = pod_state(f'second-{number}')
                    if state.startswith('Running'):
                        figures['Pod Running'].append(at - began)
                    else:
                        print(f'round {number}: the second Pod is {state}', flush=True)
                    delete_pods(f'second-{number}')
            except TimeoutError as error:
                lost += 1
                print(f'round {number}: lost; the last lines are\n{error}', flush=True)
            after = pod_state('first')
            if after != before:
                print(f'round {number}: the first Pod was {before}, and is {after}', flush=True)
            if self.plugin.process.poll() is not None:
                raise SystemExit('the plugin has ended')
        delete_pods()
        print(f'kubelet killed and started, {rounds} rounds, {rounds_with_a_pod} with a Pod: lost registrations: {lost}; '
              f'the first Pod: {after}; the plugin is process {self.plugin.process.pid} all the time')
        for name, values in figures.items():
            show(f'  kubelet exec to {name}', values)

    def restart_plugin(self, rounds):
        watched, back = [], []
        for _ in range(rounds):
            killed = time.time()
            self.plugin.end()
            self.node.first(killed, lambda line: line.startswith('0 '))
            # The kubelet writes its status every 10 seconds: so the start must not follow a status at once.
            time.sleep(4)
            self.start_plugin()
            watched.append(self.plugin.first(0, lambda line: WATCHED in line) - self.plugin.began)
            back.append(self.node.first(self.plugin.began, lambda line: line.startswith('2 ')) - self.plugin.began)
        print(f'plugin killed, {rounds} rounds')
        show(f'  plugin exec to {WATCHED}', watched)
        show('  plugin exec to allocatable 2', back)

    def chaos(self, rounds, seed):
        """Faults in a random order, each while a Pod is being admitted; then all has to be well, and a Pod gets its card."""
        chance, times, lost = random.Random(seed), collections.defaultdict(list), 0
        faults = [self.kill_kubelet, self.kill_kubelet_at_its_socket, self.kill_kubelet_twice, self.wipe_folder, self.kill_plugin]
        print(f'chaos with seed {seed}\n  before: {figures(self.plugin.process.pid)}', flush=True)
        for number in range(rounds):
            if number % len(faults) == 0:
                chance.shuffle(faults)
            fault = faults[number % len(faults)]
            create_pod(f'caught-{number}')
            time.sleep(chance.uniform(0, 1))
            process = self.plugin.process.pid
            if fault == self.kill_plugin:
                print(f'  round {number}: of the plugin that is killed: {figures(process)}', flush=True)
            began = fault(chance)
            try:
                times[fault.__name__].append(self.plugin.first(began, lambda line: WATCHED in line) - began)
                # Of a plugin that is back at once the node's status does not tell.
                if fault != self.kill_plugin:
                    self.node.first(began, offers(2, began))
                shell('kubectl', 'delete', 'pod', f'caught-{number}', '--now', '--wait=false')
                self.admit(f'after-{number}', began)
            except (TimeoutError, subprocess.TimeoutExpired) as error:
                lost += 1
                print(f'  round {number}, {fault.__name__}: lost; the last lines are\n{error}', flush=True)
            if self.plugin.process.poll() is not None or fault != self.kill_plugin and self.plugin.process.pid != process:
                raise SystemExit('the plugin has ended')
        self.node.first(0, lambda line: line.startswith('2 '))
        print(f'  after:  {figures(self.plugin.process.pid)}\n{rounds} rounds, lost: {lost}')
        for name, values in sorted(times.items()):
            show(f'  {name} to {WATCHED}', values)

    def admit(self, name, since):
        """A kubelet that was killed may still count the card of a Pod that is gone, until it has admitted another."""
        for attempt in range(3):
            create_pod(f'{name}-{attempt}')
            ended = re.compile(f'{name}-{attempt} (Running|Failed)')
            self.pods.first(since, ended.match)
            state = pod_state(f'{name}-{attempt}')
            shell('kubectl', 'delete', 'pod', f'{name}-{attempt}', '--now', '--wait=false')
            if state.startswith('Running'):
                return
            print(f'  Pod {name}-{attempt} is {state}', flush=True)
        raise TimeoutError(f'no Pod {name} got its card')

    def kill_kubelet(self, chance):
        self.kubelet.kill()
        time.sleep(chance.uniform(0, 1))
        return self.start_kubelet()

    def kill_kubelet_at_its_socket(self, chance):
        """Once more, right after it made its socket: inside Register, its dial or ListAndWatch."""
        self.kubelet.kill()
        self.kubelet.start()
        deadline = time.time() + DEADLINE
        listened = (FOLDER / 'kubelet.sock').stat().st_ctime_ns if (FOLDER / 'kubelet.sock').exists() else 0
        while not (FOLDER / 'kubelet.sock').exists() or (FOLDER / 'kubelet.sock').stat().st_ctime_ns == listened:
            if time.time() > deadline:
                raise TimeoutError('the kubelet made no socket')
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.1))
        self.kubelet.kill()
        return self.start_kubelet()

    def kill_kubelet_twice(self, chance):
        for _ in range(2):
            self.kubelet.kill()
            self.kubelet.start()
            time.sleep(chance.uniform(0, 3))
        self.kubelet.kill()
        return self.start_kubelet()

    def wipe_folder(self, chance):
        for file in FOLDER.iterdir():
            file.unlink()
        time.sleep(chance.uniform(0, 0.5))
        self.kubelet.kill()
        return self.start_kubelet()

    def kill_plugin(self, chance):
        self.plugin.end()
        time.sleep(chance.uniform(0, 3))
        self.start_plugin()
        return self.plugin.began

    def start_kubelet(self):
        # The heartbeats of the kubelet have whole seconds: those of the next are to be told from those of the last.
        time.sleep(2.1 - time.time() % 1)
        return self.kubelet.start()

    def rest(self):
        """What it does when nothing happens: from the 60th second, with the kubelet's stream open."""
        process = pathlib.Path('/proc', str(self.plugin.process.pid))

        def cpu():
            fields = (process / 'stat').read_text().rpartition(')')[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

        def written():
            return dict(line.split(': ') for line in (process / 'io').read_text().splitlines())

        time.sleep(max(0, self.plugin.began + 60 - time.time()))
        checkpoint, used, before = CHECKPOINT.stat().st_mtime_ns, cpu(), written()
        time.sleep(60)
        print(f'at rest for 60 s: CPU {cpu() - used:.2f} s, threads {len(list((process / "task").iterdir()))}, '
              f'bytes written {int(written()["wchar"]) - int(before["wchar"])}')
        print('\n'.join(line for line in (process / 'status').read_text().splitlines() if re.match('VmRSS|RssAnon|VmHWM', line)))
        traced = subprocess.run(
            ['timeout', '-s', 'INT', '30', 'strace', '-c', '-f', '-p', str(self.plugin.process.pid)],
            stderr=subprocess.PIPE, universal_newlines=True).stderr
        print('30 s of system calls\n' + '\n'.join(line for line in traced.splitlines() if 'strace:' not in line))
        print(f'the kubelet wrote its checkpoint meanwhile: {CHECKPOINT.stat().st_mtime_ns != checkpoint}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('executable')
    parser.add_argument('--kubelet-rounds', type=int, default=20)
    parser.add_argument('--pod-rounds', type=int, default=5, help='in so many a Pod is created meanwhile')
    parser.add_argument('--plugin-rounds', type=int, default=20)
    parser.add_argument('--rest', action='store_true', help='look at the plugin at rest as well, which takes three minutes')
    parser.add_argument('--chaos', type=int, default=0, metavar='ROUNDS', help='faults in a random order')
    parser.add_argument('--seed', type=int, default=int(time.time()), help='of that order')
    arguments = parser.parse_args()
    # So that the node is restored then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('ended by SIGTERM'))
    delete_pods()
    with host() as root:
        session = Session(arguments.executable, root)
        try:
            if arguments.kubelet_rounds:
                session.restart_kubelet(arguments.kubelet_rounds, arguments.pod_rounds)
            if arguments.plugin_rounds:
                session.restart_plugin(arguments.plugin_rounds)
            if arguments.chaos:
                session.chaos(arguments.chaos, arguments.seed)
            if arguments.rest:
                session.rest()
        finally:
            delete_pods()
            session.end()


main()
