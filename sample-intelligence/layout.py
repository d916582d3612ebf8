"""`layout.py SOURCE TARGET…` adds files to those of the image, with what they need of the system; its Dockerfile calls it.

Of the standard library stays what these files, or another part that stays, import at the top or inside a function, and
what C code imports (named below); packages whole. What serves people at a terminal goes.
"""

import ast
import compileall
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from py_compile import PycInvalidationMode

BY_C = {"_pylong", "_strptime", "encodings", "runpy", "site"}
TERMINAL = {"_pyrepl", "doctest", "pdb", "pydoc", "readline", "rlcompleter", "unittest"}
# INSTALLER, RECORD and REQUESTED are an installer's notes on what it wrote, which is not what ships.
UNUSED = ["INSTALLER", "RECORD", "REQUESTED", "__pycache__", ".*", "test", "tests", "py.typed"]
UNUSED += ["*.c", "*.h", "*.pxd", "*.pxi", "*.pyi", "*.pyx"]

image, system, library = Path("/image"), Path("/image/system"), Path(sysconfig.get_path("stdlib"))
sources, targets = [Path(source) for source in sys.argv[1::2]], [Path(target) for target in sys.argv[2::2]]


def add(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(*UNUSED))
    elif not target.exists():
        shutil.copy(source, target)


def imports(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        for file in path.rglob("*.py") if path.is_dir() else path.parent.glob(path.name):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]


def run(*command: str | Path, check: bool = True) -> str:
    return subprocess.run(command, check=check, stdout=subprocess.PIPE, text=True).stdout


def new() -> list[Path]:  # What an earlier run added has its date by now.
    return [path for path in image.rglob("*") if path.lstat().st_mtime]


for source, target in zip(sources, targets, strict=True):
    add(source, target)
stays: set[str] = set()
needed = BY_C.union(imports(source for source in sources if source.is_dir()))
while needed := (needed & sys.stdlib_module_names) - stays - TERMINAL:
    stays |= needed
    needed = set(imports(path for name in needed for path in (library / name, library / f"{name}.py")))
for source in [*library.iterdir(), *library.glob("lib-dynload/*")]:
    target = system / source.relative_to("/")
    wanted = source.name.partition(".")[0] in stays or source.name.startswith("_sysconfigdata")
    if wanted and not target.exists() and not target.with_suffix(".pyc").exists():
        add(source, target)

binaries = [path for path in new() if path.suffix == ".so"]
run("strip", *binaries)
needs = run("ldd", "/usr/bin/dumb-init", "/usr/bin/python3", *binaries)
assert "not found" not in needs, needs
# glibc loads libgcc_s by itself, when a thread ends.
for file in [*re.findall(r"(/lib\S+) \(0x", needs), *Path("/lib").glob("*/libgcc_s.so.1")]:
    folder, name = os.path.split(file)
    add(Path(file), system / os.path.realpath(folder).lstrip("/") / name)

# For scanners: the packages that the files come from.
files = [f"/{path.relative_to(system)}" for path in new() if path.is_relative_to(system) and path.is_file()]
for owners in re.findall("^(.+): /", run("dpkg", "-S", *files, check=False), re.MULTILINE):
    for package in owners.split(", "):
        target = system / "var/lib/dpkg/status.d" / package.partition(":")[0]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(run("dpkg", "-s", package))

for path in new():
    if path.suffix == ".py":
        # An extension beside it was compiled from it.
        if not any(path.parent.glob(f"{path.stem}.*.so")):
            assert compileall.compile_file(
                path,
                stripdir=Path(*path.parts[:3]),
                prependdir="/",
                quiet=1,
                legacy=True,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
        path.unlink()
# One date for good: with that of the commit, each commit would give all layers anew.
for path in new():
    os.utime(path, (0, 0), follow_symlinks=False)
