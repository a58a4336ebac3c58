"""The house rules, read from the source itself: who may import whom, and what a module may look like."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "src" / "docmind"

# The house from the foundations up. A file lives on the floor of the longest name here that it or its folder has, and
# imports from its own floor or from one below. So a folder's steps stand below the workspace, and the files that put
# them in order, which are named one by one, above it. Rooms that are still to come have their floor already.
FLOORS = (
    (
        "errors",
        "settings",
        "environment",
        "keeping_settings",
        "records",
        "resources",
        "network",
        "lean_imports",
        "plain_text",
        "private_files",
        "whole_files",
    ),
    ("async_streams", "dates", "languages", "sentences", "tables", "parsing", "storage", "models"),
    ("checking", "embeddings", "reranking", "stores", "engines"),
    ("current_engine", "preparing", "retrieval"),
    ("ingestion", "answering"),
    ("workspace", "current_index", "fingerprint"),
    (
        "answering.remembering",
        "ingestion.originals",
        "ingestion.reading",
        "ingestion.recovery",
        "ingestion.removal",
        "ingestion.renaming",
        "ingestion.reembedding",
    ),
    ("ingestion.folders", "ingestion.ingest", "ingestion.repair", "answering.analyse", "answering.ask"),
    (
        "ingestion.jobs",
        "ingestion.watching",
        "answering.query_engine",
        "answering.runs",
        "answering.analysis_runs",
        "exporting",
        "suggesting",
        "model_fetch",
        "agents",
        "extraction",
    ),
    ("bench", "json_forms"),
    ("benchmarks",),
    ("cli", "ui", "api"),
    ("app", "pages"),
)
VENDORS = {
    "streamlit": ("app.py", "pages/", "src/docmind/ui/"),
    "openvino_genai": ("src/docmind/engines/openvino/", "benchmarks/bare_openvino.py"),
    "sqlalchemy": ("src/docmind/answering/cache/",),
    "qdrant_edge": ("src/docmind/stores/edge.py", "src/docmind/stores/edge_shard.py", "src/docmind/stores/bm25.py"),
    "qdrant_client": ("src/docmind/stores/server.py", "benchmarks/peer_llama_index.py"),
    "vllm": ("src/docmind/engines/vllm/",),
    "ollama": ("src/docmind/engines/ollama/",),
    "xllamacpp": ("src/docmind/engines/llamacpp/",),
    "gptcache": ("src/docmind/answering/cache/library.py",),
    "langgraph": ("src/docmind/agents/",),
    "pypdfium2": ("src/docmind/parsing/",),
    "docx": ("src/docmind/answering/export/docx.py", "data/make_samples.py"),
    "mammoth": ("src/docmind/parsing/docx.py",),
    "selectolax": ("src/docmind/parsing/html.py",),
    "sqlite3": ("src/docmind/storage/", "benchmarks/made_up_library.py"),
    "sentence_transformers": ("src/docmind/embeddings/",),
    "pathspec": ("src/docmind/ingestion/walking.py",),
    "watchdog": ("src/docmind/ingestion/watching.py",),
}


@dataclass(frozen=True)
class Import:
    """One imported module: its dotted name, its line, and whether it is for annotations alone."""

    module: str
    line: int
    typing_only: bool


@cache
def sources() -> tuple[Path, ...]:
    folders = (REPOSITORY / "pages", REPOSITORY / "benchmarks", PACKAGE)
    found = [REPOSITORY / "app.py", *(path for folder in folders for path in folder.rglob("*.py"))]
    return tuple(sorted(found))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def module_name(path: Path) -> str:
    """As it is imported: 'docmind.stores.edge', 'docmind.stores' for its front door, 'pages.chat'."""
    inside = path.relative_to(PACKAGE.parent if path.is_relative_to(PACKAGE) else REPOSITORY)
    return ".".join(inside.with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> frozenset[str]:
    return frozenset(module_name(path) for path in sources())


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """Everything a file imports, anywhere in it: functions that import late count as well."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: list[Import] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(path)}:{node.lineno} imports relatively"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            # `from docmind.stores import base` imports a module, not only a name.
            names = [name if name in modules() else node.module or "" for name in inside]
        else:
            continue
        found += [Import(name, node.lineno, id(node) in typing_only) for name in dict.fromkeys(names)]
    return tuple(found)


def own_imports(path: Path, *, with_typing: bool = False) -> Iterator[Import]:
    """What a file imports from our package; names for annotations alone only where they are asked for."""
    for item in imports(path):
        if item.module.startswith("docmind.") and (with_typing or not item.typing_only):
            yield item


def room(module: str) -> str:
    """The part of the house that a module belongs to: 'parsing', 'answering', 'pages', 'app'."""
    return module.removeprefix("docmind.").partition(".")[0]


def floor(module: str) -> int:
    place = module.removeprefix("docmind.")
    names = [".".join(place.split(".")[:count]) for count in range(place.count(".") + 1, 0, -1)]
    for name in names:
        for number, rooms in enumerate(FLOORS):
            if name in rooms:
                return number
    raise AssertionError(f"{place!r} is on no floor: say in FLOORS where it belongs")


def loaded_by(statement: str, *unwanted: str) -> list[str]:
    """Which of the unwanted modules a fresh interpreter has loaded after a statement."""
    code = f"import sys; {statement}; print(' '.join(m for m in {unwanted!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_dependencies_point_down_the_house() -> None:
    wrong = [
        f"{short(path)}:{item.line} imports {item.module}"
        for path in sources()
        if path != PACKAGE / "__init__.py"  # the front door hands out what is upstairs
        for item in own_imports(path)
        if floor(item.module) > floor(module_name(path))
    ]
    assert not wrong


def test_only_the_command_line_knows_the_benchmark() -> None:
    users = {
        room(module_name(path))
        for path in sources()
        for item in own_imports(path, with_typing=True)
        if room(item.module) == "bench"
    }
    assert users <= {"bench", "benchmarks", "cli"}


def test_no_two_rooms_import_each_other() -> None:
    uses: dict[str, set[str]] = {}
    for path in sources():
        if path != PACKAGE / "__init__.py":
            own = room(module_name(path))
            uses.setdefault(own, set()).update({room(item.module) for item in own_imports(path)} - {own})
    TopologicalSorter(uses).prepare()  # a CycleError names the rooms


def test_no_two_files_import_each_other() -> None:
    """Also inside a room, and by whatever detour."""
    uses = {module_name(path): {item.module for item in own_imports(path)} for path in sources()}
    TopologicalSorter(uses).prepare()  # a CycleError names the files


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_imported_only_in_its_own_place(vendor: str) -> None:
    wrong = [
        f"{short(path)}:{item.line}"
        for path in sources()
        for item in imports(path)
        if item.module.split(".")[0] == vendor and not short(path).startswith(VENDORS[vendor])
    ]
    assert not wrong


def test_parsing_needs_neither_models_nor_llama_index() -> None:
    heavy = {"torch", "llama_index", "transformers", "sentence_transformers", "openvino", "openvino_genai", "nltk"}
    for path in (PACKAGE / "parsing").rglob("*.py"):
        assert not heavy & {item.module.split(".")[0] for item in imports(path)}, short(path)


def test_the_environment_is_read_in_one_place_for_settings_and_one_for_libraries() -> None:
    readers = {
        short(path)
        for path in sources()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "putenv"))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {a.name for a in node.names} & {"environ", "getenv"}
        )
    }
    assert readers == {"src/docmind/settings.py", "src/docmind/environment.py"}


def test_no_global_state_of_llama_index_is_touched() -> None:
    for path in sources():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("llama_index"):
                assert "Settings" not in {alias.name for alias in node.names}, short(path)


@pytest.mark.parametrize("setting", ["engine", "embedder"])
def test_only_the_doors_ask_which_backend_is_chosen(setting: str) -> None:
    """`if settings.engine == ...` belongs in the package that opens it; doctor and the app's first card may look."""
    allowed = {"engines", "embeddings", "workspace", "cli", "ui", "models", "settings", "bench"}
    askers = {
        room(module_name(path))
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare | ast.Match)
        and re.search(
            rf"\bsettings\.{setting}\b", ast.unparse(node.left if isinstance(node, ast.Compare) else node.subject)
        )
    }
    assert askers <= allowed


@pytest.mark.parametrize("statement", ["import docmind", "import docmind.parsing", "import docmind.cli.main"])
def test_importing_is_cheap(statement: str) -> None:
    heavy = ("torch", "llama_index", "llama_index.core", "openvino", "openvino_genai", "streamlit", "transformers")
    assert loaded_by(statement, *heavy) == []


def test_the_reading_process_starts_without_any_model_library() -> None:
    heavy = ("torch", "llama_index", "numpy", "pydantic", "openvino", "sqlite3", "qdrant_edge")
    assert loaded_by("import docmind.parsing.sandbox.child", *heavy) == []


def test_the_public_names_exist() -> None:
    import docmind

    for name in docmind.__all__:
        assert getattr(docmind, name)
    with pytest.raises(AttributeError, match="docmind"):
        _ = docmind.nonsense


def test_broad_handlers_say_why() -> None:
    """`except Exception` either raises something of ours again, or carries a comment with its reason."""
    silent = []
    for path in sources():
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = "" if node.type is None else ast.unparse(node.type)
            if caught and not re.search(r"\b(?:Base)?Exception\b", caught):
                continue
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            near = lines[max(0, node.lineno - 3) : node.body[0].lineno]
            if not raises and not any("#" in line for line in near):
                silent.append(f"{short(path)}:{node.lineno}")
    assert not silent


def test_every_exemption_from_a_check_carries_its_reason() -> None:
    """A reason once for each rule and file is enough: `# noqa: X - why`, `# type: ignore[x]  # why`."""
    bare = []
    for path in sources():
        explained: set[str] = set()
        for line, comment in comments(path):
            for rule, reason in re.findall(r"#\s*noqa: ([A-Z0-9, ]*[A-Z0-9])(\s+- \S.*)?", comment):
                if reason:
                    explained.add(rule)
                elif rule not in explained and not says_why_before(path, line):
                    bare.append(f"{short(path)}:{line} {comment}")
            if re.search(r"#\s*noqa(?!:)", comment):
                bare.append(f"{short(path)}:{line} names no rule")
            if re.search(r"type: ignore(?!\[[a-z-]+(?:, ?[a-z-]+)*\]\s+# \S)", comment):
                bare.append(f"{short(path)}:{line} {comment}")
    assert not bare


def comments(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def says_why_before(path: Path, line: int) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[line - 2].lstrip().startswith("#")


def test_modules_stay_short() -> None:
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    limits = {name: 120 if name.startswith("pages/") else 350 for name in lengths}
    assert not {name: length for name, length in lengths.items() if length > limits[name]}


def test_modules_say_what_they_are() -> None:
    assert not [short(path) for path in sources() if not ast.get_docstring(tree(path))]


def test_every_error_belongs_to_the_tree_and_is_drawn_in_it() -> None:
    from docmind import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert kinds
    for kind in kinds:
        assert issubclass(kind, errors.DocMindError)
        assert re.search(rf"\b{kind.__name__}\b", errors.__doc__ or "")


def test_the_screen_uses_the_words_of_the_field() -> None:
    """Passages, overhead and estimates on the page and in the terminal; names of JSON fields stay as they are."""
    ours = re.compile(r"\b(?:chunks?|beside|reckon\w*)\b", re.IGNORECASE)
    wrong = []
    for path in sources():
        if room(module_name(path)) not in ("ui", "pages", "cli") or path.name == "bench.py":
            continue
        said = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}  # docstrings
        wrong += [
            f"{short(path)}:{node.lineno} {node.value}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
            if ours.search(node.value) and node.value != "chunks"
        ]
    assert not wrong


def test_there_are_at_most_forty_settings_and_each_says_what_it_does() -> None:
    from docmind.settings import Settings

    assert len(Settings.model_fields) <= 40
    assert all(field.description for field in Settings.model_fields.values())
