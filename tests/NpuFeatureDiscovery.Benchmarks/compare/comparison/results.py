"""What was measured."""
import statistics


class Results:
    """Of each figure, for each number of devices and each program, a value from each run."""

    def __init__(self):
        self.units, self._values = {}, {}

    def add(self, figure, unit, devices, program, value):
        self.units[figure] = unit
        self._values.setdefault((figure, devices), {}).setdefault(program, []).append(value)

    def rows(self):
        """In the order of their first values: figure, devices, and the values of each program."""
        order = list(self.units)
        return sorted(((*key, values) for key, values in self._values.items()), key=lambda row: (order.index(row[0]), row[1]))

    def programs(self):
        return {program for values in self._values.values() for program in values}

    def devices(self, figure):
        return sorted(devices for name, devices in self._values if name == figure)

    def median(self, figure, devices, program):
        """None where it was not measured."""
        values = self._values.get((figure, devices), {}).get(program)
        return statistics.median(values) if values else None

    def ratio(self, figure, devices, program, other):
        """None where one of them was not measured."""
        value, base = self.median(figure, devices, program), self.median(figure, devices, other)
        return None if value is None or not base else value / base


def percentile(values, percent):
    """The smallest that so many are not above."""
    values = sorted(values)
    return values[max(0, -(-len(values) * percent // 100) - 1)]
