"""zmq.sugar.attrsettr: options as attributes, for classes of programs that have get() and set()."""

from __future__ import annotations

from errno import EFAULT, EINVAL
from typing import Any

from purezmq import constants
from purezmq.errors import ZMQError

__all__ = ["AttributeSetter"]

OptValT = str | bytes | int


class AttributeSetter:
    """Reads and writes every constant's name, in any case, as an attribute through get() and set().

    Attributes that the class declares, in its body or by an annotation, stay what they are.
    """

    def get(self, option: int) -> OptValT:
        """Return an option; to be overridden."""
        raise NotImplementedError("override get() in the subclass")

    def set(self, option: int, value: Any) -> None:
        """Set an option; to be overridden."""
        raise NotImplementedError("override set() in the subclass")

    def __setattr__(self, key: str, value: Any) -> None:
        if key in self.__dict__ or _declares(type(self), key):
            object.__setattr__(self, key, value)
        else:
            name = key.upper()
            self._set_attr_opt(name, self._option(name), value)

    def __getattr__(self, key: str) -> OptValT:
        name = key.upper()
        option = self._option(name)
        try:
            return self._get_attr_opt(name, option)
        except ZMQError as reason:
            if reason.errno not in (EINVAL, EFAULT):
                raise
            raise AttributeError(f"{key} cannot be read: {reason}") from None

    def _set_attr_opt(self, name: str, opt: int, value: Any) -> None:
        """Write the option of this name; override it for what is more than set()."""
        self.set(opt, value)

    def _get_attr_opt(self, name: str, opt: int) -> OptValT:
        """Return the option of this name; override it for what is more than get()."""
        return self.get(opt)

    def _option(self, name: str) -> int:
        try:
            option: int = getattr(constants, name)
        except AttributeError:
            raise AttributeError(f"{type(self).__name__} has no such option: {name}") from None
        return option


def _declares(cls: type, name: str) -> bool:
    return any(name in vars(base) or name in vars(base).get("__annotations__", {}) for base in cls.__mro__)
