"""Hosts of as many cards as asked for, made of the sample warboy-1."""
import os, pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[4]
SAMPLE = REPOSITORY / 'samples/nodes/warboy-1'


class Host:
    """The sample's card so often, each with a PCI address, a UUID, an hwmon folder and an hwmon name of its own."""

    def __init__(self, root, cards):
        self.root, self.cards = root, cards
        self.temperatures = cards * len(list(SAMPLE.rglob('temp*_input')))
        for index in range(cards):
            self._add(index)

    def __str__(self):
        return str(self.root)

    def _add(self, index):
        # Regular files stand for the device nodes.
        for source in sorted(SAMPLE.rglob('*')):
            target = self.root / rename(str(source.relative_to(SAMPLE)), index)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink() and not target.is_symlink():
                target.symlink_to(rename(os.readlink(source), index))
            elif source.is_file() and not source.is_symlink():
                text = rename(source.read_text(), index)
                target.write_text(f'{text.strip()[:-4]}{index:04X}\n' if source.name == 'device_uuid' else text)


def rename(text, index):
    # By twos, since a bus has a number below 256.
    address = f'0000:{index // 2 + 1:02x}:{index % 2:02x}.0'
    return text.replace('npu0', f'npu{index}').replace('0000:01:00.0', address).replace('hwmon2', f'hwmon{index}')
