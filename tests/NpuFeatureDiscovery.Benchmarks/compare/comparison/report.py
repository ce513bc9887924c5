"""How the results are shown."""
import json, statistics

from .targets import targets

PEERS = ('node_exporter', 'grpc-go')
COLUMNS = ('floor', 'previous', 'released', 'native-aot')
RATIOS = (('released', 'peer'), ('released', 'floor'), ('released', 'previous'), ('native-aot', 'peer'), ('native-aot', 'floor'))


def to_json(results):
    rows = [{'figure': figure, 'unit': results.units[figure], 'devices': devices or None, 'values': values}
            for figure, devices, values in results.rows()]
    judged = [{'target': text, 'program': program, 'measured': measured, 'limit': limit,
               'met': None if measured is None else measured <= limit} for text, program, measured, limit in measured_targets(results)]
    return json.dumps({'rows': rows, 'targets': judged}, indent=1)


def to_text(results):
    present = results.programs()
    columns = [name for name in COLUMNS if name in present]
    ratios = [(one, other) for one, other in RATIOS if one in present and (other == 'peer' or other in present)]
    table = [['figure', 'unit', 'devices', 'peer', *columns, *(f'{one} : {other}' for one, other in ratios)]]
    for figure, devices, values in results.rows():
        row = {**values, 'peer': next((values[peer] for peer in PEERS if peer in values), None)}
        table.append([figure, results.units[figure], str(devices or ''), spread(row['peer']), *(spread(row.get(name)) for name in columns),
                      *(ratio(row.get(one), row.get(other)) for one, other in ratios)])
    lines = ['What stands beside a peer: node_exporter of scrapes, a plugin of grpc-go of Allocate. Median (least-greatest).', '',
             *markdown(table), '']
    judged = [['target', 'program', 'at most', 'measured', '']]
    for text, program, measured, limit in measured_targets(results):
        verdict = 'not measured' if measured is None else 'met' if measured <= limit else 'NOT MET'
        judged.append([text, program, f'{limit:g}', '' if measured is None else number(measured), verdict])
    return '\n'.join([*lines, *markdown(judged)])


def measured_targets(results):
    """Of the programs that took part."""
    return [target for target in targets(results) if target[1] in results.programs()]


def spread(values):
    if not values:
        return ''
    middle = number(statistics.median(values))
    return middle if len(values) == 1 else f'{middle} ({number(min(values))}-{number(max(values))})'


def ratio(values, others):
    if not values or not others or not statistics.median(others):
        return ''
    return f'{statistics.median(values) / statistics.median(others):.2f}'


def number(value):
    """Three digits that count."""
    return f'{value:.0f}' if abs(value) >= 100 else f'{value:.1f}' if abs(value) >= 10 else f'{value:.2f}'


def markdown(table):
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    rows = [f'| {" | ".join(cell.ljust(width) for cell, width in zip(row, widths))} |' for row in table]
    return [rows[0], f'|{"|".join("-" * (width + 2) for width in widths)}|', *rows[1:]]
