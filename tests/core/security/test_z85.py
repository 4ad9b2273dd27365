"""Z85: the test vector of RFC 32, and the keys of zmq_curve(7)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zmq.utils import z85 as theirs

from fuzz.fuzz_certificates import check_z85
from purezmq.core.security import z85

VECTORS = [
    ("864fd26fb559f75b", b"HelloWorld"),
    ("", b""),
    ("ffffffff", b"%nSc0"),
    (
        "bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518",
        b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
    ),
    (
        "7bb864b489afa3671fbe69101f94b38972f24816dfb01b51656b3fec8dfd0888",
        b"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
    ),
]


@pytest.mark.parametrize(("raw", "text"), VECTORS)
def test_vectors(raw: str, text: bytes) -> None:
    assert z85.encode(bytes.fromhex(raw)) == text
    assert z85.decode(text) == z85.decode(text.decode()) == bytes.fromhex(raw)


@settings(deadline=None)
@given(st.binary().map(lambda raw: raw[: len(raw) // 4 * 4]))
def test_text_is_pyzmqs(raw: bytes) -> None:
    assert z85.encode(raw) == theirs.encode(raw)
    assert z85.decode(theirs.encode(raw)) == raw


@pytest.mark.parametrize("buffer", [bytearray, memoryview])
def test_any_buffer_will_do(buffer: type) -> None:
    assert z85.encode(buffer(b"\x86\x4f\xd2\x6f")) == b"Hello"
    assert z85.decode(buffer(b"Hello")) == b"\x86\x4f\xd2\x6f"


@pytest.mark.parametrize("raw", [b"a", b"abc", b"abcde"])
def test_bytes_that_are_no_multiple_of_4_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="multiple of 4"):
        z85.encode(raw)


@pytest.mark.parametrize("text", ["a", "abcd", "abcdef", "abcd~", "abcd\n", "abcdé", "%nSc1", "#####"])
def test_what_is_no_z85_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        z85.decode(text)


def test_refusal_does_not_quote_what_may_be_a_key() -> None:
    with pytest.raises(ValueError, match="Z85") as refusal:
        z85.decode("secr~")
    assert "secr" not in str(refusal.value)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(z85.ALPHABET.decode(), max_size=80).map(str.encode)))
def test_any_bytes_are_text_and_back_or_refused(some: bytes) -> None:
    check_z85(some)
