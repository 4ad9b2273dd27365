"""Decorators that give a function a context or sockets, and close them when it returns.

    @context()
    @socket(zmq.PUSH)
    @socket("sink", zmq.PULL)
    def work(ctx, push, sink): ...

What a decorator makes comes after the arguments of the call, or under the name that is its first argument (or
``name=``). All other arguments go to Context() or Context.socket(). A socket belongs to the context that an outer
decorator or the caller passes, or else to Context.instance().
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar, cast

import purezmq

__all__ = ("context", "socket")

_Function = TypeVar("_Function", bound=Callable[..., object])
_Factory = Callable[..., AbstractContextManager[Any]]


def context(*args: Any, **kwargs: Any) -> Callable[[_Function], _Function]:
    """Pass a new Context, which is destroyed at the end.

    name (or a str as the first argument): the keyword to pass it as. Everything else goes to Context().
    """
    return _decorator(lambda call_args, call_kwargs: purezmq.Context, args, kwargs)


def socket(*args: Any, **kwargs: Any) -> Callable[[_Function], _Function]:
    """Pass a new socket, which is closed at the end: ``@socket(zmq.PUSH)``.

    name (or a str as the first argument): the keyword to pass it as. context_name: the keyword under which the
    context is found (default "context"). Everything else goes to Context.socket().
    """
    context_name = kwargs.pop("context_name", "context")

    def factory(call_args: tuple[Any, ...], call_kwargs: dict[str, Any]) -> _Factory:
        return _context_among(call_kwargs.get(context_name), *call_args).socket

    return _decorator(factory, args, kwargs)


def _decorator(
    factory: Callable[[tuple[Any, ...], dict[str, Any]], _Factory],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Callable[[_Function], _Function]:
    name: str | None = None
    if isinstance(kwargs.get("name"), str):
        name = kwargs.pop("name")
    elif args and isinstance(args[0], str):
        name, args = args[0], args[1:]

    def decorate(function: _Function) -> _Function:
        @wraps(function)
        def wrapper(*call_args: Any, **call_kwargs: Any) -> object:
            with factory(call_args, call_kwargs)(*args, **kwargs) as made:
                if name is None:
                    return function(*call_args, made, **call_kwargs)
                if name in call_kwargs:
                    raise TypeError(f"{function.__name__}() got multiple values for argument '{name}'")
                return function(*call_args, **call_kwargs, **{name: made})

        return cast("_Function", wrapper)

    return decorate


def _context_among(*candidates: Any) -> purezmq.Context[Any]:
    for candidate in candidates:
        if isinstance(candidate, purezmq.Context):
            return candidate
    return purezmq.Context.instance()
