"""The house keeps its shape: imports go down, files stay small, names stand where they belong."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Floors of the house, top first; an import may only go down.
FLOORS = ("forecasting", "features", "backtests", "connectors")
#: Inside forecasting, top first. A file imports from its own row or from rows below.
ROWS = (
    {"cli", "__main__"},
    {"commands", "scoring"},
    {"options"},
    {"watch"},
    {"timers", "run"},
    {"monitor"},
    {"schedule", "scaffold"},
    {"config"},
    {"job", "store"},
    {"checkup"},
    {"console", "deliver", "demo", "imagine", "pictures"},
    {"summary", "cards"},
    {"report"},
    {"automl"},
    {"honesty"},
    {"importing"},
    {"saved", "score", "leaderboard", "experience", "explain", "reasons", "responses", "whatif", "effort"},
    {"case"},
    {"decisions", "events", "forecasts", "future", "place", "question", "vintages"},
    {"choose"},
    {"search"},
    {"study", "workers", "portfolio"},
    {"ensemble", "shares"},
    {"intervals", "load_level", "local_scale", "paths", "profile", "prepare", "aggregate", "limits", "quality"},
    {"ends", "faults", "ongoing", "rows"},
    {"clocks", "jumps", "outages", "pulses", "shifts", "spikes"},
    {"findings", "grid", "readings", "tried"},
    {"forecasters"},
    {"__init__"},
)
FILES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, bool]]:
    """Modules a file imports, and whether only for types or inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, id(node) not in top))
        elif isinstance(node, ast.Import):
            found += [(name.name, id(node) not in top) for name in node.names]
    return found


def floor_of(module: str) -> int | None:
    head = module.split(".", maxsplit=1)[0]
    return FLOORS.index(head) if head in FLOORS else None


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path):
    """No file imports from a floor above its own, not even for types or inside a function."""
    mine = FLOORS.index(path.relative_to(ROOT).parts[0])
    up = [module for module, _ in imports(path) if (floor := floor_of(module)) is not None and floor < mine]
    assert up == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_packages_are_not_imported_through_their_face(path):
    """``from connectors import X`` would hide what depends on what; a module of the package may be named so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in FLOORS:
            for name in node.names:
                assert (ROOT / node.module / f"{name.name}.py").is_file(), f"{path.name} imports {name.name}"


def row_of(name: str) -> int:
    found = [index for index, row in enumerate(ROWS) if name in row]
    assert found, f"forecasting/{name} has no row in tests/test_architecture.py"
    return found[0]


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.is_relative_to(ROOT / "forecasting")], ids=lambda p: str(p.relative_to(ROOT))
)
def test_rows_of_forecasting_go_down(path):
    """Inside forecasting, what loads with a file comes from its own row or below."""
    parts = path.relative_to(ROOT / "forecasting").with_suffix("").parts
    mine = row_of(parts[0])
    for module, later in imports(path):
        if module.startswith("forecasting.") and not later:
            assert row_of(module.split(".")[1]) >= mine, f"{path.name} imports {module} from above"


def test_there_is_no_circle():
    """Every module can be imported first, in a fresh process."""
    modules = [".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in FILES]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for loaded in [m for m in sys.modules if m.split('.')[0] in "
        f"{FLOORS!r}]: del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
    )
    modules.remove("forecasting.cli")
    subprocess.run([sys.executable, "-c", code, *modules], check=True, cwd=ROOT)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    """Files under 350 lines, classes under 300, bodies of functions under 60 without their docstring."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 350
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            assert node.end_lineno - node.lineno < 300, node.name
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 60, f"{node.name} has {length} lines"


def test_no_forecaster_is_named_outside_its_file_and_the_portfolio():
    """Roles are asked for by role; a name elsewhere would make two places to change."""
    from forecasting.forecasters import FORECASTERS

    homes = {kind.name: Path(sys.modules[kind.__module__].__file__) for _, kind in FORECASTERS.items()}
    for path in FILES:
        if path == ROOT / "forecasting" / "portfolio.py":
            continue
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        named = [name for name in homes if name in strings and homes[name] != path]
        assert named == [], f"{path} names {named}"


def test_broad_excepts_stand_in_two_places_only():
    """Around one forecaster and around one scheduled run; nowhere else is an error swallowed whole."""
    broad = re.compile(r"except\s*:|except\s*\(?\s*(Base)?Exception\b")
    places = [path.name for path in FILES if broad.search(path.read_text(encoding="utf-8"))]
    assert places == ["once.py", "workers.py"]


def test_the_words_of_other_libraries_are_not_ours():
    """One word for each thing: fold, fh, ds, y, unique_id, prediction_length, estimator, predictor are others'."""
    banned = {"fold", "folds", "fh", "ds", "unique_id", "prediction_length", "estimator", "predictor"}
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        assert not names & banned, f"{path}: {names & banned}"


def test_the_face_is_light():
    """Importing hourcast loads none of the heavy packages; asking for help does not either."""
    heavy = ("lightgbm", "sktime", "optuna", "statsmodels", "pandas", "sklearn")
    code = f"import sys, forecasting; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
    code = f"import sys, forecasting.cli; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"


def test_a_folder_in_the_way_is_named(tmp_path):
    """A folder called features in front of ours is refused with its path, not imported."""
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "__init__.py").write_text("")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.path.append({str(ROOT)!r}); import forecasting"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert found.returncode != 0
    assert str(tmp_path / "features") in found.stderr
    assert "Rename" in found.stderr
