"""Certificates: files that PyZMQ, CZMQ and we can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import zmq.auth as theirs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import purezmq
import purezmq.auth as ours
from fuzz.fuzz_certificates import check_file

PUBLIC = b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
SECRET = b"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

# As zcert_save of CZMQ 4.2.1 writes it.
CZMQ = """\
#   ****  Generated on 2026-11-23 17:00:00 by CZMQ  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

metadata
    email = "ph@imatix.com"
    name = "Pieter Hintjens"
curve
    public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
    secret-key = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
"""


@pytest.fixture(params=[ours, theirs], ids=["ours", "theirs"])
def auth(request):
    return request.param


def test_certificate_is_two_files(auth, tmp_path):
    public_file, secret_file = auth.create_certificates(tmp_path, "alice", {"name": "Alice"})
    assert (public_file, secret_file) == (str(tmp_path / "alice.key"), str(tmp_path / "alice.key_secret"))
    public, nothing = auth.load_certificate(public_file)
    assert nothing is None
    assert auth.load_certificate(secret_file)[0] == public
    assert purezmq.curve_public(auth.load_certificate(secret_file)[1]) == public


@pytest.mark.parametrize(("writer", "reader"), [(ours, theirs), (theirs, ours)], ids=["ours", "theirs"])
def test_one_reads_what_the_other_has_written(writer, reader, tmp_path):
    for path in writer.create_certificates(tmp_path, "alice", {"name": "Alice #1"}):
        assert reader.load_certificate(path) == writer.load_certificate(path)
    assert reader.load_certificates(tmp_path) == writer.load_certificates(tmp_path)


def test_certificate_of_czmq_is_read(auth, tmp_path):
    path = tmp_path / "pieter.key_secret"
    path.write_text(CZMQ)
    assert auth.load_certificate(path) == (PUBLIC, SECRET)


def test_directory_gives_the_public_keys(auth, tmp_path):
    made = [auth.create_certificates(tmp_path, name)[0] for name in ("alice", "bob")]
    assert auth.load_certificates(tmp_path) == {auth.load_certificate(path)[0]: True for path in made}
    assert auth.load_certificates(str(tmp_path)) == auth.load_certificates(tmp_path)


def test_missing_file_or_directory_is_oserror(auth, tmp_path):
    with pytest.raises(OSError, match="Invalid certificate file"):
        auth.load_certificate(tmp_path / "nobody.key")
    with pytest.raises(OSError, match="Invalid certificate directory"):
        auth.load_certificates(tmp_path / "nowhere")


def test_file_without_public_key_is_a_valueerror(auth, tmp_path):
    path = tmp_path / "empty.key"
    path.write_text("# nothing\n")
    with pytest.raises(ValueError, match="No public key found"):
        auth.load_certificate(path)


@pytest.mark.parametrize("key", [PUBLIC[:-1].decode(), "~" * 40])
def test_key_that_is_none_is_refused_unquoted(key, tmp_path):
    path = tmp_path / "broken.key"
    path.write_text(f'curve\n    public-key = "{key}"\n')
    with pytest.raises(ValueError, match="is no CURVE key") as refusal:
        ours.load_certificate(path)
    assert key not in str(refusal.value)


def test_secret_file_is_for_its_owner_only(tmp_path):
    (tmp_path / "alice.key_secret").write_text("an old one")
    os.chmod(tmp_path / "alice.key_secret", 0o644)
    old = os.umask(0)
    try:
        public_file, secret_file = ours.create_certificates(tmp_path, "alice")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(secret_file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(public_file).st_mode) == 0o644


def test_new_secret_is_not_for_who_has_the_old_file_open(tmp_path):
    (tmp_path / "alice.key_secret").write_text("an old one")
    with open(tmp_path / "alice.key_secret") as old:
        ours.create_certificates(tmp_path, "alice")
        assert old.read() == "an old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alice.key", "alice.key_secret"]


def test_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path):
    (tmp_path / "alice.key_secret").mkdir()
    with pytest.raises(OSError):
        ours.create_certificates(tmp_path, "alice")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alice.key", "alice.key_secret"]


def test_metadata_of_another_encoding_does_not_matter(auth, tmp_path):
    path = tmp_path / "pieter.key_secret"
    path.write_bytes(CZMQ.replace("Pieter", "P\xe9ter").encode("latin-1"))
    assert auth.load_certificate(path) == (PUBLIC, SECRET)


def test_public_file_has_no_secret(tmp_path):
    public_file, secret_file = ours.create_certificates(tmp_path, "alice")
    secret = ours.load_certificate(secret_file)[1]
    assert secret not in Path(public_file).read_bytes()


def test_metadata_is_in_both_files(tmp_path):
    for path in ours.create_certificates(tmp_path, "alice", {"name": "Alice", b"mail": b"alice@example.com"}):
        text = Path(path).read_text()
        assert 'metadata\n    name = "Alice"\n    mail = "alice@example.com"\ncurve\n' in text


@pytest.mark.parametrize("metadata", [{"a": 'b"'}, {"a": "b\nsecret-key = x"}, {"a b": "c"}, {"a=": "b"}])
def test_metadata_that_would_break_the_format_is_refused(metadata, tmp_path):
    with pytest.raises(ValueError, match="cannot be written"):
        ours.create_certificates(tmp_path, "alice", metadata)


LINE = st.one_of(
    st.sampled_from(CZMQ.splitlines()),
    st.text(max_size=60),
    st.builds("    {}-key = {}".format, st.sampled_from(["public", "secret"]), st.text(max_size=45)),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), st.lists(LINE, max_size=9).map("\n".join).map(str.encode)))
def test_any_file_is_a_certificate_or_refused(tmp_path, content):
    check_file(tmp_path / "any.key", content)
