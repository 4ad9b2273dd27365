"""The finder: while it is installed, ``zmq`` and ``zmq.x.y`` are other names of purezmq's modules.

Rules:

- ``sys.modules["zmq.x.y"]`` is the very object in ``sys.modules["purezmq.x.y"]``: one set of classes, so isinstance
  and pickles do not care by which name a program imported.
- This module stands alone on the path, beside the package ``zmq`` that leads here: a process that never imports zmq
  imports nothing of purezmq, and nothing slow.
- Whatever else is called zmq, and wherever it is on the path, is not looked at.
- To programs the distribution pyzmq is the one beside this file. Installers ask about directories, and are told
  what is really there.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # importing typing would cost every start of an interpreter
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import CodeType, ModuleType
    from typing import Any

__all__ = ["SHIM", "foreign_modules", "install"]

SHIM = os.path.dirname(os.path.abspath(__file__))


def install() -> None:
    """Put the finder in front of all others; once is enough, twice does no harm."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)  # type: ignore[arg-type]  # only mypy wants invalidate_caches


def foreign_modules() -> list[str]:
    """Return the names under zmq that are imported already, and are not purezmq's; zmq itself first."""
    return sorted(
        name
        for name, module in list(sys.modules.items())
        if _is_zmq(name) and module is not sys.modules.get(_real_name(name))
    )


class _Finder:
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _is_zmq(name):
            return None
        from importlib.machinery import ModuleSpec
        from importlib.util import find_spec

        if name == "zmq":
            _make_importable()
        real = find_spec(_real_name(name))
        if real is None:
            return None
        spec = ModuleSpec(name, _Alias(real), origin=real.origin)  # type: ignore[arg-type]
        spec.submodule_search_locations = real.submodule_search_locations
        return spec

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterator[Distribution]:
        asked = {} if context is None else vars(context)
        if "path" not in asked and asked.get("name") in (None, "pyzmq"):
            from importlib.metadata import Distribution
            from pathlib import Path

            yield Distribution.at(next(Path(SHIM).glob("*.dist-info")))


class _Alias:
    """Loads a module by importing the real one."""

    def __init__(self, real: ModuleSpec) -> None:
        self._real = real

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes what stands here when this returns.
        from importlib import import_module

        sys.modules[module.__name__] = import_module(self._real.name)

    def get_code(self, name: str) -> CodeType | None:
        """Return the code that ``python -m`` is to run."""
        loader: Any = self._real.loader
        code: CodeType | None = loader.get_code(self._real.name)
        return code


def _is_zmq(name: str) -> bool:
    return name == "zmq" or name.startswith("zmq.")


def _real_name(name: str) -> str:
    return "purezmq" + name[len("zmq") :]


def _make_importable() -> None:
    """Import purezmq from where this file belongs to, if this interpreter does not know it.

    Children may be other interpreters, or find their modules in other places.
    """
    from importlib.util import find_spec, module_from_spec, spec_from_file_location

    if "purezmq" in sys.modules or find_spec("purezmq") is not None:
        return
    package = os.path.dirname(os.path.dirname(SHIM))
    spec = spec_from_file_location(
        "purezmq", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["purezmq"] = module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules["purezmq"]
        raise


_FINDER = _Finder()
