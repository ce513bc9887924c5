"""The programs that are compared: the columns of the table. Each has a method for all that it can do, which gives a command."""
import copy, os, pathlib, shutil, subprocess

from .hosts import REPOSITORY

FOLDER = REPOSITORY / 'tests/NpuFeatureDiscovery.Benchmarks/compare'
# What the names of its device nodes take in an answer: as many as ours gives with a card of the sample.
NODES = 9


class Program:
    """One that is an executable alone."""

    def __init__(self, name, executable):
        self.name, self.executable = name, pathlib.Path(executable).resolve()

    def copy(self, folder):
        twin = copy.copy(self)
        twin.executable = pathlib.Path(shutil.copy(self.executable, folder / 'executable'))
        return twin


class Ours(Program):
    temperature = b'furiosa_npu_temperature_celsius{'
    socket = 'furiosa-npu'

    def label(self, host, folder):
        return [str(self.executable), 'label', '--root', str(host), '--output', 'file', '--features-dir', str(folder)]

    def label_once(self, host, folder):
        return [*self.label(host, folder), '--oneshot']

    def exporter(self, host, port):
        return [str(self.executable), 'metrics-exporter', '--root', str(host), '--address', f'127.0.0.1:{port}', '--pod-resources', 'off',
                '--profile', 'base-units']

    def plugin(self, host, folder):
        return [str(self.executable), 'device-plugin', '--root', str(host), '--plugin-dir', str(folder)]

    def agent(self, host, folder, port):
        config = folder / 'agent.yaml'
        config.write_text(f'address: 127.0.0.1:{port}\nlabel: {{output: file, featuresDir: {folder}}}\n'
                          f'devicePlugin: {{pluginDir: {folder}}}\nmetrics: {{podResources: "off", profile: base-units}}\n')
        return [str(self.executable), 'agent', '--root', str(host), '--config-file', str(config)]


class NodeExporter(Program):
    """Debian's, with its hwmon collector alone."""
    temperature = b'node_hwmon_temp_celsius{'

    def exporter(self, host, port):
        return [str(self.executable), '--collector.disable-defaults', '--collector.hwmon', f'--path.sysfs={host}/sys',
                f'--web.listen-address=127.0.0.1:{port}']


class Floor(Program):
    """Only opens, reads and closes the same files, in C."""
    temperature = b'floor_temp{'

    def label_once(self, host, folder):
        return [str(self.executable), 'label', str(host), str(folder)]

    def exporter(self, host, port):
        return [str(self.executable), 'serve', str(host), str(port)]


class GoStub(Program):
    """A plugin of grpc-go with a list and an answer that are made once, as long as ours: the price of gRPC alone."""
    socket = 'stub'

    def plugin(self, host, folder):
        return [str(self.executable), 'stub', str(folder), str(host.cards), str(NODES)]


def build_floor(folder):
    floor = folder / 'floor'
    subprocess.run(['gcc', '-O2', '-Wall', '-Werror', '-o', floor, FOLDER / 'floor.c'], check=True)
    return floor


def build_peer(folder):
    """A client, a kubelet and a plugin of grpc-go."""
    sources = folder / 'go'
    sources.mkdir()
    shutil.copy(FOLDER / 'peer.go', sources)
    protos = REPOSITORY / 'src/NpuFeatureDiscovery.DevicePlugin/Protos'
    go = f'--go_out=plugins=grpc,import_path=main:{sources}'
    subprocess.run(['protoc', f'-I{protos}', go, 'deviceplugin.proto'], check=True, stderr=subprocess.DEVNULL)
    environment = {**os.environ, 'GO111MODULE': 'off', 'GOPATH': '/usr/share/gocode', 'CGO_ENABLED': '0'}
    subprocess.run(['go', 'build', '-ldflags', '-s -w', '-o', '../peer', '.'], cwd=sources, env=environment, check=True)
    return folder / 'peer'
