"""`python -m nianbao` is `nianbao`."""

from __future__ import annotations

from nianbao.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
