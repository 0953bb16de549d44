"""Who may import whom, and that only the screens load Textual."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import tracker_tui
from tracker_tui.model import Product
from tracker_tui.service import InventoryService

PACKAGE = Path(tracker_tui.__file__).parent

MODEL = frozenset({"tuples", "errors", "model"})
SCREENS = frozenset({"messages", "widgets", "screens", "desk", "app", "commands.key_names"})
MAY_IMPORT: dict[str, frozenset[str]] = {
    "__init__": frozenset(),
    "environment": frozenset(),
    "typed": frozenset(),
    "tuples": frozenset(),
    "errors": frozenset({"tuples"}),
    "model": MODEL,
    "storage": MODEL | {"storage"},
    "first_page": frozenset({"__init__", "storage"}),
    "shop": frozenset(),
    "shop.clock": frozenset(),
    "shop.session": MODEL | {"storage", "shop.clock"},
    "shop.stock": MODEL | {"storage", "shop.session"},
    "shop.closing": MODEL | {"storage", "shop.session", "shop.stock"},
    "service": MODEL | {"storage", "shop.session", "shop.stock", "shop.closing"},
    "work": frozenset(),
    "work.performing": MODEL | {"service", "work.importing"},
    "work.printing": MODEL,
    "work.exporting": MODEL | {"storage"},
    "work.archiving": MODEL | {"storage", "service", "work.exporting"},
    "work.importing": MODEL | {"service", "work.exporting"},
    "work.opening": MODEL | {"storage", "shop.session", "service"},
    "work.following": MODEL | {"service"},
    "work.keeping": MODEL | {"service"},
    "work.file_formats": MODEL | {"storage"},
    "messages": MODEL,
    "widgets": MODEL | {"messages", "widgets"},
    "screens": MODEL | {"messages", "widgets", "screens"},
    "desk": frozenset(),
    "desk.places": MODEL | {"messages", "widgets", "screens", "work.file_formats"},
    "desk.basket": MODEL | {"messages", "widgets", "screens", "desk.places", "work.keeping", "work.opening"},
    "desk.leaving": MODEL | {"widgets", "screens", "desk.basket", "work.opening"},
    "desk.errands": MODEL
    | {"messages", "widgets", "screens", "desk.leaving"}
    | {"work.opening", "work.exporting", "work.importing", "work.archiving"},
    "desk.stock": MODEL | {"messages", "screens", "desk.errands", "work.performing", "work.printing"},
    "desk.reckoning": MODEL | {"messages", "desk.stock"},
    "desk.warming": MODEL | {"desk.reckoning"},
    "app": MODEL
    | {"messages", "widgets", "screens", "desk.warming", "service", "first_page"}
    | {"work.performing", "work.printing", "work.following", "work.opening"},
    "demo": MODEL | {"storage", "demo"},
    "commands": MODEL
    | {"storage", "service", "demo", "commands", "environment", "__init__"}
    | {"work.exporting", "work.importing", "work.archiving"},
    "commands.key_names": MODEL | {"widgets"},
    "cli": MODEL
    | {"commands", "commands.key_names", "service", "environment", "__init__"}
    | {"first_page", "app", "work.opening"},
    "__main__": frozenset({"cli"}),
}
"""Layer -> layers that it may import; all may import `typed`."""

OPENS_THE_SCREENS = ("cli.py", "_open_screens")
"""The only function of the command line that may import the app."""


def _layer(dotted: str) -> str:
    """Return the layer of a module, given without the package's name."""
    return dotted if dotted in MAY_IMPORT else dotted.split(".", maxsplit=1)[0] or "__init__"


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield every module that is imported, absolute; those for the type checker alone too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            if node.module.split(".")[0] != "tracker_tui":
                yield node.module
                continue
            place = PACKAGE.parent.joinpath(*node.module.split("."))
            for alias in node.names:
                is_module = (place / f"{alias.name}.py").exists() or (place / alias.name).is_dir()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _wrong_imports(layer: str, tree: ast.AST) -> list[str]:
    wrong: list[str] = []
    for name in _imports(tree):
        package, _, rest = name.partition(".")
        if package == "tracker_tui":
            target = _layer(rest)
            # `errors` names a product in a signature only; nothing is loaded for it.
            if target not in MAY_IMPORT[layer] | {"typed"} and (layer, target) != ("errors", "model"):
                wrong.append(name)
        elif package in ("textual", "rich") and not {layer, layer.split(".", maxsplit=1)[0]} & SCREENS:
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    layer = _layer(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    assert layer in MAY_IMPORT, f"{path.name} is in no layer; give it one here and in the design"
    assert _wrong_imports(layer, ast.parse(path.read_text(encoding="utf-8"))) == []


def _loads_of(path: Path) -> set[str]:
    """Return the modules of ours that a module imports at any time; what only the type checker sees is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tracker_tui"):
            module = node.module or ""
            found.add(module)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def _circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other in a ring; none where there is none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done:
            return []
        for target in sorted(arrows[name]):
            if ring := walk(target, [*way, name]):
                return ring
        done.add(name)
        return []

    return next((ring for name in sorted(arrows) if (ring := walk(name, []))), [])


def test_no_modules_import_each_other_in_a_circle() -> None:
    """A late import counts too: it only hides a circle."""
    parts = {path: path.relative_to(PACKAGE.parent).with_suffix("").parts for path in _modules()}
    names = {path: ".".join(of).removesuffix(".__init__") for path, of in parts.items()}
    arrows = {
        name: (_loads_of(path) & set(names.values())) - {name}
        for path, name in names.items()
        if path.name != "__init__.py"
    }
    assert len(arrows) > 100
    assert _circle({name: targets & set(arrows) for name, targets in arrows.items()}) == []
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("model", "from tracker_tui.storage.log import LogReader"),
        ("model", "import textual.app"),
        ("model", "def f():\n    from tracker_tui import service"),
        ("storage", "from tracker_tui.service import InventoryService"),
        ("service", "from rich.text import Text"),
        ("screens", "from tracker_tui.service import InventoryService"),
        ("widgets", "from tracker_tui.screens import products"),
        ("cli", "from tracker_tui.widgets.terminal import ShopApp"),
        ("commands", "import textual.app"),
        ("work.printing", "from tracker_tui.service import InventoryService"),
        ("work.following", "from tracker_tui.work import opening"),
        ("shop.session", "from tracker_tui.shop import stock"),
        ("desk.places", "from tracker_tui.work.keeping import Keeper"),
        ("work", "from tracker_tui.errors import TrackerError"),
    ],
)
def test_a_wrong_import_is_found(layer: str, source: str) -> None:
    assert _wrong_imports(layer, ast.parse(source))


def test_only_one_function_of_the_command_line_imports_the_app() -> None:
    file, function = OPENS_THE_SCREENS
    for path in [PACKAGE / "cli.py", *(PACKAGE / "commands").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        allowed = {
            node
            for found in ast.walk(tree)
            if isinstance(found, ast.FunctionDef) and (path.name, found.name) == (file, function)
            for node in ast.walk(found)
        }
        outside = [
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node not in allowed and node.module is not None
        ]
        assert "tracker_tui.app" not in outside, path.name


def test_only_the_entry_point_ends_the_process() -> None:
    for path in _modules():
        forks = path.name == "forked.py"  # where what is forked ends without the exit of the whole program
        if path.name != "__main__.py" and not forks:
            calls = [
                node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
            ]
            ends = {ast.unparse(call.func) for call in calls} & {"sys.exit", "os._exit", "exit", "quit"}
            assert not ends, path.name


def _loaded(code: str, *, ok: tuple[int, ...] = (0,)) -> set[str]:
    """Return the modules and packages that a program in a process of its own has loaded at its end."""
    names = "{part for name in sys.modules for part in (name, name.split('.')[0])}"
    script = f"{code}\nimport sys\nprint('LOADED', *{names})"
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode in ok, done.stderr
    return set(done.stdout.rsplit("LOADED", 1)[1].split())


def test_the_service_loads_no_textual() -> None:
    assert not _loaded("import tracker_tui.service, tracker_tui.demo.shop") & {"textual", "rich"}


def test_the_environment_loads_nothing_of_ours_and_no_textual() -> None:
    assert not _loaded("import tracker_tui.environment") & {"textual", "rich", "platformdirs"}


VERBS = (
    ("--help",),
    ("products",),
    ("customers",),
    ("purchases",),
    ("changes",),
    ("report",),
    ("check",),
    ("check", "--repair"),
    ("add", "T01", "Tea", "1.00", "5"),
    ("edit", "M01", "--price", "2"),
    ("remove", "M01"),
    ("receive", "M01", "1"),
    ("deliver", "M01=1"),
    ("movements", "M01"),
    ("products", "--on", "2026-03-31"),
    ("count", "M01", "1"),
    ("close", "--counted", "3"),
    ("sell", "M01=1"),
    ("return", "s1"),
    ("undo", "1"),
    ("import", "-"),
    ("export", "products"),
    ("archive", "shop.txt"),
    ("unarchive", "none.zip"),
    ("hand-edit", "inventory.txt"),
    ("demo",),
    ("keys",),
    (),
)


REFUSED = (
    (),
    ("demo",),
    ("keys",),
    ("import", "-"),
    ("undo", "1"),
    ("archive", "shop.txt"),
    ("unarchive", "none.zip"),
)
"""What ends with 1 here: for want of a terminal, of a table, of something to undo."""


@pytest.mark.parametrize("argv", VERBS, ids=" ".join)
def test_no_command_loads_textual(tmp_path: Path, argv: tuple[str, ...]) -> None:
    """`demo`, `keys` and no verb come as far as they can without a terminal."""
    code = (
        "import os\n"
        "os.environ['EDITOR'] = 'true'\n"
        "os.environ.pop('VISUAL', None)\n"
        "from tracker_tui.service import InventoryService\n"
        "from tracker_tui.model import Product\n"
        "from decimal import Decimal\n"
        "from tracker_tui.cli import run\n"
        f"with InventoryService.open({str(tmp_path / 'shop')!r}, 'amal') as shop:\n"
        "    shop.add(Product('M01', 'Milk', Decimal('1.00'), 5))\n"
        "    shop.sell([('M01', 1)], sale='s1')\n"
        f"code = run({['-d', str(tmp_path / 'shop'), *argv]!r})\n"
        f"assert code in {(0, 1) if argv in REFUSED else (0,)!r}, code\n"
    )
    assert not _loaded(code) & {"textual", "rich"}


SLOW_TO_LOAD = frozenset(
    (
        "argparse",
        "json",
        "pathlib",
        "secrets",
        "shutil",
        "subprocess",
        "tempfile",
        "tomllib",
        "typing",
        "tracker_tui.commands.files",
        "tracker_tui.demo.shop",
        "tracker_tui.model.day_close",
        "tracker_tui.model.imports",
        "tracker_tui.model.undo",
        "urllib.parse",
    )
)
"""What would cost a command at the counter a tenth or more of its time, and does nothing for it."""


@pytest.mark.parametrize("line", [["sell", "M01=1"], ["report", "--json"]], ids=" ".join)
def test_the_counter_loads_no_more_than_it_needs(tmp_path: Path, line: list[str]) -> None:
    with InventoryService.open(tmp_path / "shop", "amal") as shop:
        shop.add(Product("M01", "Milk", Decimal("1.00"), 5))
    words = ["-d", str(tmp_path / "shop"), *line]
    loaded = _loaded(f"from tracker_tui.cli import run\nassert run({words!r}) == 0")
    assert loaded & SLOW_TO_LOAD <= {"json"} & {word.removeprefix("--") for word in line}


def test_a_sale_loads_nothing_that_only_lists_and_reports_need(tmp_path: Path) -> None:
    with InventoryService.open(tmp_path / "shop", "amal") as shop:
        shop.add(Product("M01", "Milk", Decimal("1.00"), 5))
    words = ["-d", str(tmp_path / "shop"), "sell", "M01=1"]
    loaded = _loaded(f"from tracker_tui.cli import run\nassert run({words!r}) == 0")
    assert not loaded & {f"tracker_tui.model.{name}" for name in ("chosen", "goods", "people", "sorts")}


def test_no_tuple_of_a_command_is_compiled_before_it_is_made(tmp_path: Path) -> None:
    """For the tuples of a sale `typing` would take half as long as the start of the interpreter."""
    code = (
        "import sys\n"
        "from tracker_tui.cli import run\n"
        "from tracker_tui.tuples import NamedTuple\n"
        f"begin = ['-d', {str(tmp_path / 'shop')!r}]\n"
        "assert run([*begin, 'add', 'M01', 'Milk', '1.00', '5']) == 0\n"
        "assert run([*begin, 'sell', 'M01=1']) == 0\n"
        "assert run([*begin, 'report']) == 0\n"
        "ours = [module for name, module in sys.modules.items() if name.startswith('tracker_tui')]\n"
        "values = [value for module in ours for value in vars(module).values() if isinstance(value, type)]\n"
        "tuples = {kind for kind in values if hasattr(kind, '_fields')}\n"
        "assert len(tuples) > 20, tuples\n"
        "assert not [kind for kind in tuples if not issubclass(kind, NamedTuple)]\n"
    )
    _loaded(code)


def test_the_app_loads_a_screen_when_it_is_first_opened() -> None:
    loaded = {name for name in _loaded("import tracker_tui.app") if name.startswith("tracker_tui.screens.")}
    assert loaded == {"tracker_tui.screens.shop_screen", "tracker_tui.screens.scan_router"}
