"""
The baseline's environments, apart from the project's: made once, again only when the lock or the list changes.

`lean` has what papermill, nbconvert and the notebook need; `full` has the whole lock, JupyterLab among it, which makes `import nbformat`
build a grammar.
"""

import hashlib
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".bench"
LEAN, FULL = "lean", "full"
_LIST = Path(__file__).with_name("baseline.txt")


def baseline(name: str) -> Path:
    """Return the folder of commands of the environment *name*, which is made where it is not there."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    wanted = lock if name == FULL else _listed(lock)
    folder = FOLDER / name
    mark, key = folder / "made-of", hashlib.sha256(f"{sys.version}\n{wanted}".encode()).hexdigest()
    if not mark.is_file() or mark.read_text("ascii") != key:
        print(f"making the environment {folder.relative_to(ROOT)} …", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        requirements = folder / "requirements.txt"
        requirements.write_text(wanted, "utf-8")
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--compile"]
        subprocess.run([*pip, "--require-hashes", "-r", requirements], check=True)
        mark.write_text(key, "ascii")
    return folder / "bin"


def _listed(lock: str) -> str:
    """Return the entries of *lock* whose packages are listed."""
    names = {line for line in _LIST.read_text("utf-8").splitlines() if not line.startswith("#")}
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return "".join(entry for entry in entries if re.split(r"[=\[ ;]", entry, maxsplit=1)[0] in names)
