"""How a notebook shows an error of ours: as the sentence that says what to do."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from nianbao.indicators import errors

KINDS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.NianbaoError)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_ours_is_shown_as_its_message_and_not_with_the_way_through_the_library(kind, capsys):
    error = kind.__new__(kind)
    error.args = ("没有叫这个名字的数，请核对名称。",)
    shell = InteractiveShell()
    shell.push({"error": error})
    shell.run_cell("raise error")
    shown = "".join(capsys.readouterr())

    assert "没有叫这个名字的数，请核对名称。" in shown
    assert "Traceback" not in shown
    assert "site-packages" not in shown
