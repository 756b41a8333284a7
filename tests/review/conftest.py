import shutil

import pytest
from review.desks import a_run_folder


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return a_run_folder(tmp_path_factory.mktemp("made"))


@pytest.fixture
def run(made, tmp_path):
    """A run folder of its own, not yet rated."""
    return shutil.copytree(made, tmp_path / "run")
