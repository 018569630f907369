"""Saving is noticed, however an editor does it, and once."""

import os

import pytest
from nianbao.preview.maker import Watch


@pytest.fixture(name="folder")
def _folder(tmp_path):
    (tmp_path / "narrative.md").write_text("一\n", "utf-8")
    return tmp_path


@pytest.fixture(name="watch")
def _watch(folder):
    return Watch(lambda: folder.glob("*.md"))


def _in_place(path):
    path.write_text("二\n", "utf-8")


def _renamed_over(path):
    fresh = path.with_suffix(".tmp")
    fresh.write_text("二\n", "utf-8")
    fresh.replace(path)


def _deleted_and_written(path):
    path.unlink()
    path.write_text("二\n", "utf-8")


def _with_its_old_time(path):
    before = path.stat()
    path.write_text("二\n", "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("save", [_in_place, _renamed_over, _deleted_and_written, _with_its_old_time])
def test_a_save_is_noticed_however_it_is_done(folder, watch, save):
    save(folder / "narrative.md")

    assert watch.changed() == [folder / "narrative.md"]


def test_a_save_is_told_once(folder, watch):
    _in_place(folder / "narrative.md")
    watch.changed()

    assert watch.changed() == []


def test_nothing_saved_is_nothing_changed(watch):
    assert watch.changed() == []


def test_the_same_text_saved_again_is_no_change(folder, watch):
    (folder / "narrative.md").write_text("一\n", "utf-8")

    assert watch.changed() == []


def test_an_older_text_put_back_is_a_change(folder, watch):
    (folder / "narrative.md").write_text("二\n", "utf-8")
    os.utime(folder / "narrative.md", (0, 0))

    assert watch.changed() == [folder / "narrative.md"]


def test_a_file_that_comes_or_goes_is_a_change(folder, watch):
    (folder / "second.md").write_text("二\n", "utf-8")
    came = watch.changed()
    (folder / "second.md").unlink()

    assert (came, watch.changed()) == ([folder / "second.md"], [folder / "second.md"])


def test_a_file_that_cannot_be_read_now_is_a_change_and_one_again_when_it_can(folder, watch):
    (folder / "narrative.md").unlink()
    (folder / "narrative.md").symlink_to(folder / "gone.md")
    gone = watch.changed()
    (folder / "narrative.md").unlink()
    (folder / "narrative.md").write_text("一\n", "utf-8")

    assert (gone, watch.changed()) == ([folder / "narrative.md"], [folder / "narrative.md"])


def test_a_pipe_is_not_waited_for(folder, watch):
    os.mkfifo(folder / "pipe.md")

    assert watch.changed() == []


def test_what_is_not_among_the_files_is_not_noticed(folder, watch):
    (folder / "~$statistics.xlsx").write_text("", "utf-8")
    (folder / ".narrative.md.swp").write_text("", "utf-8")

    assert watch.changed() == []
