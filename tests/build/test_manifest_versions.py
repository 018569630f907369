"""Versions of packages by the names of their folders are those that importlib.metadata reads."""

import sys
from importlib import metadata

import pytest
from nianbao.build import manifest


@pytest.fixture(autouse=True)
def forget():
    manifest._packages.cache_clear()
    yield
    manifest._packages.cache_clear()


@pytest.mark.parametrize("name", manifest.PACKAGES)
def test_a_version_is_what_the_package_says_of_itself(name):
    assert manifest.version(name) == metadata.version(name)


def test_the_first_folder_on_the_path_counts(tmp_path, monkeypatch):
    for place, version in (("first", "1.0"), ("second", "2.0")):
        (tmp_path / place / f"Some.Package-{version}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second")])
    assert manifest.version("some-package") == "1.0"


def test_two_folders_of_one_package_are_left_to_importlib(tmp_path, monkeypatch):
    for version in ("1.0", "2.0"):
        folder = tmp_path / f"some_package-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: some-package\nVersion: {version}.told\n", "utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert manifest.version("some-package") == metadata.version("some-package")


def test_a_package_whose_name_begins_like_another_is_not_taken_for_it(tmp_path, monkeypatch):
    (tmp_path / "typst_extras-3.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "nowhere")])
    with pytest.raises(metadata.PackageNotFoundError):
        manifest.version("typst")
