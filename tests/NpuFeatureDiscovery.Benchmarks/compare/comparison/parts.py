"""What is measured. Each part puts its figures into the run's results, and the programs take turns in it."""
import contextlib, json, subprocess, sys, time

from .daemons import Agent, Exporter, Labeller, Plugin, ask, check_file
from .hosts import REPOSITORY
from .processes import Process
from .results import percentile

BENCHMARKS = REPOSITORY / 'tests/NpuFeatureDiscovery.Benchmarks/bin/Release/net10.0/NpuFeatureDiscovery.Benchmarks'
MIB = 2 ** 20
PAUSE = 0.01


def size(run):
    for program in run.programs:
        run.add('executable size', 'MiB', 0, program, program.executable.stat().st_size / MIB)


def start(run):
    """From exec to the first useful output."""
    for host in run.rounds('start', run.starts):
        for program in run.that('label_once'):
            time_start(run, 'start: feature file written', Labeller, program, host)
        for program in run.that('exporter'):
            time_start(run, 'start: first scrape with values', Exporter, program, host)
        for program in run.that('plugin'):
            with run.folder() as folder:
                figures = ask(run.peer, 'start', folder, program.socket, *program.plugin(host, folder))
                run.add('start: Register received', 'ms', host.cards, program, figures['registered'])


def time_start(run, figure, daemon, program, host):
    with run.folder() as folder, daemon(program, host, folder, run.peer) as process:
        process.connect()
        run.add(figure, 'ms', host.cards, program, process.milliseconds())
        process.check()


def label(run):
    """From exec to exit: into an empty folder, and where the file is there already."""
    for host in run.rounds('label', run.starts):
        for program in run.that('label_once'):
            with run.folder() as folder:
                for what in ('label once', 'label once, nothing new'):
                    with Process(program.label_once(host, folder)) as process:
                        took, cpu = process.wait_for_end()
                    check_file(folder, host)
                    run.add(f'{what}: time', 'ms', host.cards, program, took)
                    run.add(f'{what}: CPU', 'ms', host.cards, program, cpu)


def idle(run):
    """Memory when all is settled, and the processor time of the next minute; side by side, since nobody does anything."""
    for number in range(run.runs):
        run.tell(f'idle, {number + 1} of {run.runs}')
        with contextlib.ExitStack() as stack:
            daemons = settle(run, stack, [Labeller, Exporter, Plugin, Agent])
            before = [process.cpu() for *_, process in daemons]
            for daemon, program, host, process in daemons:
                for name, kibibytes in process.memory().items():
                    run.add(f'idle {daemon.what}: {name}', 'MiB', host.cards, program, kibibytes / 1024)
            time.sleep(run.rest)
            for (daemon, program, host, process), used in zip(daemons, before):
                run.add(f'idle {daemon.what}: CPU in {run.rest:g} s', 'ms', host.cards, program, process.cpu() - used)
            for *_, process in daemons:
                process.check()


def settle(run, stack, kinds):
    """Starts each of these daemons of each program for each host, and lets a minute go by."""
    todo = [(daemon, program, host, stack.enter_context(run.folder()))
            for host in run.hosts for daemon in kinds for program in run.that(daemon.what)]
    if run.peer:
        # Keeps a ListAndWatch stream open, so that no plugin has to look for its kubelet.
        stack.enter_context(Process([run.peer, 'kubelet', *(folder for daemon, *_, folder in todo if daemon in (Plugin, Agent))]))
    # Each with an executable of its own, since PSS divides what processes share.
    daemons = [(daemon, program, host, stack.enter_context(daemon(program.copy(folder), host, folder, run.peer)))
               for daemon, program, host, folder in todo]
    time.sleep(run.settle)
    return daemons


def memory(run):
    """What calls leave behind."""
    what = {Exporter: 'scrapes', Plugin: 'Allocates'}
    with contextlib.ExitStack() as stack:
        for daemon, program, host, process in settle(run, stack, list(what)):
            run.tell(f'memory: {daemon.what} of {program.name}, {host.cards} devices')
            process.connect()
            process.check()
            done = 0
            for calls in run.checkpoints(daemon, host):
                if calls > done:
                    process.call(calls - done)
                done = calls
                used = process.memory()
                run.add(f'RSS after {calls} {what[daemon]}', 'MiB', host.cards, program, used['Rss'] / 1024)
                run.add(f'RssAnon after {calls} {what[daemon]}', 'MiB', host.cards, program, used['RssAnon'] / 1024)


def scrape(run):
    for host in run.rounds('scrape', run.runs):
        with contextlib.ExitStack() as stack:
            exporters = [(program, stack.enter_context(Exporter(program, host, stack.enter_context(run.folder()), run.peer)))
                         for program in run.that('exporter')]
            for _, exporter in exporters:
                exporter.connect()
            # The first ones apart: .NET compiles anew what has run 30 times, also of what is done every second.
            for program, _, cpu in scrape_in_turn(exporters, 2 * run.scrapes):
                run.add('scrape, at first: CPU', 'ms', host.cards, program, cpu)
            for program, done, cpu in scrape_in_turn(exporters, run.scrapes):
                times = [took for took, _ in done]
                run.add('scrape: p50', 'ms', host.cards, program, percentile(times, 50))
                run.add('scrape: p99', 'ms', host.cards, program, percentile(times, 99))
                run.add('scrape: CPU', 'ms', host.cards, program, cpu)
                run.add('scrape: body', 'KiB', host.cards, program, done[-1][1] / 1024)


def scrape_in_turn(exporters, count):
    """So that what disturbs the machine disturbs all: each program with its scrapes and the processor time of one."""
    before = [exporter.cpu() for _, exporter in exporters]
    scrapes = [[] for _ in exporters]
    for _ in range(count):
        for (_, exporter), done in zip(exporters, scrapes):
            done.append(exporter.scrape())
            time.sleep(PAUSE)
    return [(program, done, (exporter.cpu() - used) / count)
            for (program, exporter), done, used in zip(exporters, scrapes, before)]


def allocate(run):
    for host in run.rounds('allocate', run.runs):
        with contextlib.ExitStack() as stack:
            plugins = [(program, stack.enter_context(Plugin(program, host, stack.enter_context(run.folder()), run.peer)))
                       for program in run.that('plugin')]
            for _, plugin in plugins:
                plugin.connect()
                plugin.allocate(run.calls // 20)
            for program, plugin in plugins:
                used = plugin.cpu()
                figures = plugin.allocate(run.calls)
                run.add('Allocate: p50', 'us', host.cards, program, figures['p50'])
                run.add('Allocate: p99', 'us', host.cards, program, figures['p99'])
                run.add('Allocate: answer', 'B', host.cards, program, figures['bytes'])
                run.add('Allocate: CPU', 'us', host.cards, program, (plugin.cpu() - used) * 1000 / run.calls)
                figures = plugin.list(run.calls // 50)
                run.add('ListAndWatch, first message: p50', 'us', host.cards, program, figures['p50'])
                run.add('ListAndWatch, with the dial: p50', 'us', host.cards, program, figures['dial p50'])


def unchanged(run):
    """What a pass of labels allocates that changes nothing, by the benchmarks, of the sources as they are."""
    if not BENCHMARKS.exists():
        print('Without a pass that changes nothing: dotnet build -c Release tests/NpuFeatureDiscovery.Benchmarks', file=sys.stderr)
        return
    run.tell('unchanged')
    with run.folder() as folder:
        subprocess.run([BENCHMARKS, '--filter', '*LabelPass*', '--job', 'short', '--exporters', 'json', '--artifacts', folder],
                       check=True, stdout=subprocess.DEVNULL)
        reports = [report for file in folder.rglob('*.json') for report in json.loads(file.read_text())['Benchmarks']]
    for report in reports:
        devices = int(report['Parameters'].partition('=')[2])
        run.results.add('label pass, nothing new: allocated', 'KiB', devices, 'released', report['Memory']['BytesAllocatedPerOperation'] / 1024)


PARTS = {part.__name__: part for part in (size, start, label, unchanged, idle, scrape, allocate, memory)}
