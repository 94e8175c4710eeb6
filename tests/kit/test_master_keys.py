import pytest

from amparo.kit import master_keys
from amparo.kit.master_keys import KeyFileRefused, MasterKeys, add_master_key, create_master_key_file


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "master.key"
    create_master_key_file(path)
    return path


def test_a_new_key_file_is_for_its_owner_alone_and_reads_back(key_file):
    assert key_file.stat().st_mode & 0o777 == 0o600
    keys = MasterKeys.read(key_file)
    assert keys.current_id in key_file.read_text()
    assert len(keys.keys[keys.current_id]) == len(keys.index_key) == 32
    assert keys.index_key not in keys.keys.values()


def test_a_key_file_is_never_overwritten(key_file):
    before = key_file.read_text()
    with pytest.raises(KeyFileRefused, match="never overwritten"):
        create_master_key_file(key_file)
    assert key_file.read_text() == before


def test_keys_do_not_show_when_printed(key_file):
    keys = MasterKeys.read(key_file)
    assert repr(keys) == f"MasterKeys(current_id={keys.current_id!r})"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_others_may_read_is_refused_with_what_to_type(key_file, mode):
    key_file.chmod(mode)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        MasterKeys.read(key_file)


def test_where_the_file_system_keeps_no_modes_the_file_is_read(key_file, monkeypatch):
    key_file.chmod(0o644)
    monkeypatch.setattr(master_keys, "_modes_are_kept_in", lambda directory: False)
    assert MasterKeys.read(key_file).keys


def test_this_file_system_keeps_modes_and_asking_leaves_nothing_behind(tmp_path):
    assert master_keys._modes_are_kept_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_refused_with_what_to_type(tmp_path):
    with pytest.raises(KeyFileRefused, match="amparo keys create"):
        MasterKeys.read(tmp_path / "nowhere")


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(KeyFileRefused, match="cannot be written"):
        create_master_key_file(tmp_path / "nowhere" / "master.key")


KEY = "A" * 43


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "at least one master key"),
        (f"index:{KEY}", "at least one master key"),
        (f"key-1:{KEY}", "the index line"),
        (f"key-1:{KEY}\nkey-1:{KEY}\nindex:{KEY}", "two keys called key-1"),
        ("key-1:AAAA\n", "line 1: a key is 32 bytes"),
        ("# a comment\n\nkey-1:é\n", "cannot be read"),
        ("nonsense", "line 1: a key is 32 bytes"),
        (f"KEY 1:{KEY}", "line 1: a key is written as"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_without_showing_a_key(tmp_path, text, sentence):
    path = tmp_path / "master.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeyFileRefused, match=sentence) as refused:
        MasterKeys.read(path)
    assert KEY not in str(refused.value)


def test_a_new_key_goes_first_and_the_others_and_the_index_stay(key_file):
    before = MasterKeys.read(key_file)
    new_id = add_master_key(key_file)
    after = MasterKeys.read(key_file)
    assert after.current_id == new_id != before.current_id
    assert after.keys[before.current_id] == before.keys[before.current_id]
    assert after.index_key == before.index_key
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]
