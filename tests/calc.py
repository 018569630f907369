"""LibreOffice Calc without a window: workbooks recomputed from their formulas alone, and what their cells then hold."""

import io
import re
import shutil
import subprocess
import zipfile
from functools import cache

import openpyxl

_CACHED = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?)(?: t="str")?(><f>[^<]*</f>)<v>[^<]*</v>')


class Calc:
    """Calc with a profile of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def converted(self, workbooks, kind, ending="xlsx"):
        """Return the files that Calc makes of *workbooks*, bytes by name, in another format; *ending* says which they are in."""
        there, made = self.folder / "in", self.folder / "out"
        for folder in (there, made):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for name, content in workbooks.items():
            (there / f"{name}.{ending}").write_bytes(content)
        command = [self.program, f"-env:UserInstallation={(self.folder / 'profile').as_uri()}", "--headless", "--convert-to", kind]
        command += ["--outdir", made, *sorted(there.iterdir())]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return {path.stem: path.read_bytes() for path in made.iterdir()}

    def recomputed(self, workbooks):
        """Return *workbooks*, bytes by name, as openpyxl reads them after Calc has computed every formula anew."""
        saved = self.converted(without_results(workbooks), "xlsx")
        return {name: openpyxl.load_workbook(io.BytesIO(content), data_only=True) for name, content in saved.items()}


def without_results(workbooks):
    """Return *workbooks*, bytes by name, with their formulas and without what they came to."""
    return {name: _without_results(content) for name, content in workbooks.items()}


def _without_results(workbook):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, _CACHED.sub(rb"\1\2", old.read(name)))
    return made.getvalue()


@cache
def formulas(workbook):
    """Return (sheet, address, formula, result as written) of every formula of *workbook*."""
    kept, shown = (openpyxl.load_workbook(io.BytesIO(workbook), data_only=flag) for flag in (False, True))
    return [
        (page.title, cell.coordinate, cell.value, shown[page.title][cell.coordinate].value)
        for page in kept
        for line in page.iter_rows()
        for cell in line
        if cell.data_type == "f"
    ]
