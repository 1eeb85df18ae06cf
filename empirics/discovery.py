"""Where claims and checks come from: the systems of this project, and any file a user names.

A system is one module of the same name on each floor: `theory/NAME.py` holds its claims, `empirics/checks/NAME.py` its
checks; either may be a package of modules. Both are found by being there. A user's file holds
claims and checks together. Listing imports claims only, never checks, so that it answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from contextlib import redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from empirics.checking import Check
from theory.claim import Claim
from theory.ledger import Ledger


class BadFile(ValueError):
    """A user's file cannot be read, does not import, or defines nothing."""


@dataclass(frozen=True)
class Origin:
    """Where a claim's module lives: a system's name, or the path of a user's file."""

    system: str = ""
    path: str = ""

    @property
    def _claims_module(self) -> ModuleType:
        return load_file(self.path) if self.path else importlib.import_module(f"theory.{self.system}")

    @property
    def _checks_module(self) -> ModuleType:
        return self._claims_module if self.path else importlib.import_module(f"empirics.checks.{self.system}")

    def claims(self) -> list[Claim]:
        """The claims the module defines, in order. A file's claims are those that no system of this project has."""
        found = _unique(v for m in _parts(self._claims_module) for v in vars(m).values() if isinstance(v, Claim))
        if not self.path:
            return found
        house = {claim.id: claim for origin in systems() for claim in origin.claims()}
        own = [claim for claim in found if house.get(claim.id) is not claim]
        if not own:
            raise BadFile(
                f"{self.path}: defines no claim of its own; `weightproof new FILE.py` shows what one looks like"
            )
        for claim in own:
            if claim.id in house:
                raise BadFile(f"{self.path}: the id {claim.id} is taken by a claim of this project; give it another")
        return own

    def checks(self) -> list[Check]:
        """The checks the module defines, in order."""
        parts = _parts(self._checks_module)
        names = {part.__name__ for part in parts}
        return _unique(v for m in parts for v in vars(m).values() if isinstance(v, Check) and v.module in names)

    def modules(self) -> list[str]:
        """The names of the modules that hold a system's checks; none for a user's file, which has no name of its own."""
        return [] if self.path else [part.__name__ for part in _parts(self._checks_module)]

    @property
    def namespace(self) -> dict:
        return vars(self._checks_module)


def _parts(whole: ModuleType) -> list[ModuleType]:
    """The module, then, if it is a package, its modules: those `GROUPS` names, in that order, or else all by name."""
    if not hasattr(whole, "__path__"):
        return [whole]
    names = getattr(whole, "GROUPS", None) or sorted(found.name for found in pkgutil.iter_modules(whole.__path__))
    return [whole, *(importlib.import_module(f"{whole.__name__}.{name}") for name in names)]


def _unique(values) -> list:
    return list({id(value): value for value in values}.values())


def systems() -> list[Origin]:
    """The systems of this project, by name."""
    folder = Path(__file__).with_name("checks")
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return [Origin(system=name) for name in sorted(names - {"__init__"})]


def gather(origins: list[Origin]) -> tuple[Ledger, dict[str, Origin]]:
    """The ledger of these origins, and each claim's origin by id."""
    pairs = [(claim, origin) for origin in origins for claim in origin.claims()]
    return Ledger(claim for claim, _ in pairs), {claim.id: origin for claim, origin in pairs}


def _first_line(error: object) -> str:
    return next(iter(str(error).strip().splitlines()), "")


def load_file(path: str) -> ModuleType:
    """A user's claim file as a module. Raises BadFile, in one sentence, when it is missing, does not import or defines no claim."""
    module = import_file(path)
    if not any(isinstance(value, Claim) for value in vars(module).values()):
        del sys.modules[module.__name__]
        raise BadFile(f"{path}: defines no claim; `weightproof new FILE.py` shows what one looks like")
    return module


def import_file(path: str) -> ModuleType:
    """A user's file as a module, loaded afresh unless it was loaded unchanged before.

    Raises BadFile, in one sentence, when it is missing or does not import.
    """
    source = Path(path)
    if not source.is_file():
        raise BadFile(f"{path}: no such file; `weightproof new {path}` writes one that runs")
    try:
        text = source.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror})") from None
    digest = sha256(text).hexdigest()[:16]
    name = f"weightproof_file_{sha256(str(source.resolve()).encode()).hexdigest()[:12]}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(source)
    sys.modules[name] = module
    folder = str(source.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # as pytest does, so that a claim file may import its neighbours
    try:
        code = compile(text, str(source), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        del sys.modules[name]
        line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
        raise BadFile(f"{path}{line}: does not import: {_first_line(error.args[0])}") from None
    try:
        with redirect_stdout(sys.stderr):  # standard output belongs to the reports
            exec(code, vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        own = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == source]
        line = f":{own[-1].lineno}" if own else ""
        raise BadFile(f"{path}{line}: does not import: {type(error).__name__}: {_first_line(error)}") from None
    return module
