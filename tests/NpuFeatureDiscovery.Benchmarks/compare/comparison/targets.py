"""What is to be reached, all in one place."""

# As many cards as a server has.
REAL = 8
MANY, SOME = 256, 8
RELEASED, NATIVE = 'released', 'native-aot'


def targets(results):
    """Text, program, what was measured (None where it was not), and the most that it may be."""
    for program, limits in ((RELEASED, (38, 52, 60, 34)), (NATIVE, (12, 24, 10, 13))):
        single, agent, start, size = limits
        for part in ('label', 'exporter', 'plugin'):
            yield f'idle {part}: RSS, MiB, of up to 8 devices', program, worst(results, f'idle {part}: Rss', program), single
        yield 'idle agent: RSS, MiB, of up to 8 devices', program, worst(results, 'idle agent: Rss', program), agent
        yield 'start to the first feature file, ms more than the floor, of up to 8 devices', program, \
            worst_delay(results, 'start: feature file written', program, 'floor'), start
        yield 'executable, MiB', program, results.median('executable size', 0, program), size
        for calls in ('scrapes', 'Allocates'):
            yield f'growth from 20,000 to 100,000 {calls}, MiB', program, growth(results, calls, program), 4
        for figure in ('p50', 'CPU'):
            yield f'scrape {figure}: node_exporter', program, worst_ratio(results, f'scrape: {figure}', program, 'node_exporter'), 0.5
            yield f'scrape {figure}: floor', program, worst_ratio(results, f'scrape: {figure}', program, 'floor'), 2
        for figure in ('p50', 'p99'):
            yield f'Allocate {figure}: grpc-go', program, worst_ratio(results, f'Allocate: {figure}', program, 'grpc-go'), 1
        for figure in ('scrape: p50', 'scrape: CPU', 'label once: CPU'):
            yield f'{figure}, a device of 256 : a device of 8', program, per_device(results, figure, program), 1.2
    unchanged = 'label pass, nothing new: allocated'
    yield 'label pass that changes nothing, KiB allocated', RELEASED, \
        greatest(results.median(unchanged, devices, RELEASED) for devices in results.devices(unchanged)), 8


def greatest(values):
    """None where one was not measured."""
    values = list(values)
    return None if not values or None in values else max(values)


def minus(value, base):
    """None where one was not measured."""
    return None if value is None or base is None else value - base


def worst(results, figure, program):
    return greatest(results.median(figure, devices, program) for devices in real(results, figure))


def worst_delay(results, figure, program, other):
    return greatest(minus(results.median(figure, devices, program), results.median(figure, devices, other))
                    for devices in real(results, figure))


def worst_ratio(results, figure, program, other):
    return greatest(results.ratio(figure, devices, program, other) for devices in results.devices(figure))


def real(results, figure):
    return [devices for devices in results.devices(figure) if devices <= REAL]


def growth(results, calls, program):
    first, last = f'RSS after 20000 {calls}', f'RSS after 100000 {calls}'
    return greatest(minus(results.median(last, devices, program), results.median(first, devices, program))
                    for devices in results.devices(last))


def per_device(results, figure, program):
    many, some = results.median(figure, MANY, program), results.median(figure, SOME, program)
    return None if many is None or some is None else (many / MANY) / (some / SOME)
