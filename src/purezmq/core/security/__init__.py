"""Security mechanisms, by the number in the option MECHANISM."""

from __future__ import annotations

from purezmq.constants import SecurityMechanism
from purezmq.core.security.mechanism import Mechanism
from purezmq.core.security.null import Null

MECHANISMS: dict[int, type[Mechanism]] = {
    SecurityMechanism.NULL: Null,
}

__all__ = ["MECHANISMS", "Mechanism", "Null"]
