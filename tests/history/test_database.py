"""Reading a run from outside, and telling network file systems from disks."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from foghill.engine.history import database
from foghill.engine.history.blocks import Key
from foghill.engine.history.database import Batch, Entry, on_network_file_system
from foghill.engine.history.store import Store, read_journal, read_knobs, read_losses

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/ann/scratch xfs rw 0 0
me@box: /mnt/box fuse.sshfs rw 0 0
server:/a /mnt/with\040space cifs rw 0 0
/dev/sdc1 /mnt/twice nfs rw 0 0
/dev/sdd1 /mnt/twice ext4 rw 0 0
scratch /lustre lustre rw 0 0
/dev/sde1 /usb fuseblk rw 0 0
short
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/var/lib", False),
        ("/home", True),
        ("/home/ann/runs", True),
        ("/homes/ann", False),
        ("/home/ann/scratch/runs", False),
        ("/mnt/box/runs", True),
        ("/mnt/with space/runs", True),
        ("/mnt/twice", False),
        ("/lustre/ann", True),
        ("/usb/runs", False),
    ],
)
def test_the_mount_nearest_to_the_path_decides(path: str, network: bool) -> None:
    assert on_network_file_system(Path(path), MOUNTS) is network


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with closing(database.open_for_writing(tmp_path / database.FILE)) as connection:
        losses = [(Key(0, 0, "loss"), (1, None, b"12345678"))]
        bad = Batch([0], losses, [Entry(0, 0, "ann", None, 0.0)], None)  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            database.write(connection, bad)
        assert connection.execute("select count(*) from losses").fetchone() == (0,)
        database.write(connection, Batch([0], losses, [], None))
        assert connection.execute("select count(*) from losses").fetchone() == (1,)


def test_a_run_that_never_wrote_anything_has_no_losses(tmp_path: Path) -> None:
    Store(tmp_path).close()
    assert list(read_losses(tmp_path)) == []
    assert read_journal(tmp_path) == []
    assert read_knobs(tmp_path) == {}


def test_a_directory_without_a_history_is_said_to_be_one(tmp_path: Path) -> None:
    for read in (lambda path: list(read_losses(path)), read_journal, read_knobs):
        with pytest.raises(OSError, match="cannot read the history"):
            read(tmp_path)
    (tmp_path / database.FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(OSError, match="cannot read the history"):
        list(read_losses(tmp_path))


def test_series_are_merged_by_step(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    kept.record("valid_loss", [2, 5000], [0.2, 0.5])
    kept.record("loss", [1, 2, 4095, 4096], [1.0, 2.0, 3.0, 4.0])
    kept.close()
    assert list(read_losses(tmp_path)) == [
        (1, {"loss": 1.0}),
        (2, {"loss": 2.0, "valid_loss": 0.2}),
        (4095, {"loss": 3.0}),
        (4096, {"loss": 4.0}),
        (5000, {"valid_loss": 0.5}),
    ]


def test_an_export_does_not_hold_up_a_run_without_wal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "on_network_file_system", lambda _: True)
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.0)
    kept = Store(tmp_path)
    kept.record("loss", range(10_000), [1.0] * 10_000)
    saved = threading.Event()
    kept.journal(0, "ann", "run", saved.set)
    assert saved.wait(20)
    rows = read_losses(tmp_path)
    next(rows)
    kept.record("loss", range(10_000, 20_000), [1.0] * 10_000)
    kept.close()
    assert kept.trouble == ""
    assert len(list(rows)) >= 8191
