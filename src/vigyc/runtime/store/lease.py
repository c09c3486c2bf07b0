"""From the row of the lease to who may write: taking it, showing that one lives, checking a fence."""

from __future__ import annotations

import apsw

from vigyc.lang.errors import Fenced
from vigyc.model.lease import Fence, Lease
from vigyc.model.notice import OWNER, Notice
from vigyc.runtime.store import stream
from vigyc.runtime.store.store_file import Transaction

_PUT = "INSERT OR REPLACE INTO lease (one, holder, epoch, beat, renewed_at) VALUES (1, ?, ?, ?, ?)"
_RENEW = "UPDATE lease SET beat = beat + 1, renewed_at = ? WHERE holder = ? AND epoch = ? RETURNING beat"
_RELEASE = "UPDATE lease SET beat = beat + 1, holder = '' WHERE holder = ? AND epoch = ?"


def read(sql: apsw.Cursor) -> Lease | None:
    """The lease; None if it was never taken."""
    row = sql.execute("SELECT holder, epoch, beat, renewed_at FROM lease").fetchone()
    return None if row is None else Lease(*row)


def check(sql: apsw.Cursor, fence: Fence) -> None:
    """Raise Fenced unless `fence` is that of the holder."""
    row = sql.execute("SELECT holder, epoch FROM lease").fetchone()
    if row != tuple(fence) or not fence.holder:
        raise Fenced("another runtime ticks this store now; nothing was written")


def acquire(transaction: Transaction, holder: str, seen: Lease | None, at: int) -> Fence | None:
    """Take the lease if it still is as `seen`."""
    if read(transaction.sql) != seen:
        return None
    epoch, beat = (1, 1) if seen is None else (seen.epoch + 1, seen.beat + 1)
    transaction.sql.execute(_PUT, (holder, epoch, beat, at))
    stream.append(transaction, [Notice(0, at, OWNER, data={"holder": holder, "epoch": epoch})])
    return Fence(holder, epoch)


def renew(transaction: Transaction, fence: Fence, at: int) -> bool:
    """Raise the beat; False if `fence` is not the holder's any more."""
    beat = transaction.sql.execute(_RENEW, (at, *fence)).get
    proof = "SELECT 1 FROM lease WHERE epoch > ?1 OR epoch = ?1 AND beat >= ?2"
    transaction.proof = proof, (fence.epoch, beat)
    return beat is not None


def release(transaction: Transaction, fence: Fence) -> None:
    """Give the lease back."""
    transaction.sql.execute(_RELEASE, fence)
    transaction.proof = "SELECT 1 FROM lease WHERE epoch > ? OR holder = ''", (fence.epoch,)
