"""Fixtures of the pattern tests."""

import pytest

from tests.core.patterns.tools import LINKS


@pytest.fixture(params=sorted(LINKS))
def link(request):
    """A way to connect two patterns."""
    return LINKS[request.param]
