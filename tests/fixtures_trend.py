"""The invented unit over its years, as it is and with a cell changed; a test module that wants them lists this one as a plugin."""

import re
import shutil
from pathlib import Path

import pytest
from nianbao.inputs import scaffold
from nianbao.trends import trend

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def invented(forms):
    """The invented unit over 2018, 2023 and 2024."""
    return trend.read(ROOT / "params/invented", forms)


@pytest.fixture
def unit(tmp_path):
    """A copy of the invented unit's parameters, for a test to spoil."""
    return Path(shutil.copytree(ROOT / "params/invented", tmp_path / "params/invented"))


@pytest.fixture
def changed(unit, forms):
    """Read the unit with cells changed: (file, the line's words, old end of the line, new end)."""

    def read(*changes):
        for name, label, old, new in changes:
            path = unit / name
            text, times = re.subn(rf"({re.escape(label)}.*),{old}(\r?\n)", rf"\g<1>,{new}\g<2>", path.read_bytes().decode())
            assert times == 1
            path.write_bytes(text.encode())
        return trend.read(unit, forms)

    return read


@pytest.fixture
def begin(unit, forms):
    """Begin years of the unit, each on the form in force, with empty tables."""

    def years(*begun):
        for year in begun:
            wishes = scaffold.Wishes(province="虚构省", name="虚构县人民政府（示例）")
            (unit / year).mkdir()
            for name, text in scaffold.begin(forms, "invented", int(year), wishes, None).files.items():
                (unit / year / name).write_bytes(text.encode())

    return years
