"""From a store to a stretch of its stream that is whole: numbers are dense, so what is missing is known and said."""

from __future__ import annotations

from vigyc.model.notice import GAP, Notice
from vigyc.runtime.store.port import Store


def stretch(store: Store, after: int, end: int, limit: int) -> list[Notice]:
    """What is stored after number `after` up to `end`, at most `limit` notices, and a gap wherever numbers are not
    kept any more; it reaches `end`, or the number of its last notice. Raises StoreError."""
    limit = min(limit, end - after)
    whole: list[Notice] = []
    page = [notice for notice in store.notices(after, limit=limit) if notice.seq <= end]
    at = page[0].at if page else 0
    for notice in page:
        at = notice.at
        if notice.seq > after + 1:
            whole.append(gap(after + 1, notice.seq - 1, at))
        whole.append(notice)
        after = notice.seq
    if len(page) < limit and after < end:
        whole.append(gap(after + 1, end, at))
    return whole


def gap(first: int, last: int, at: int, count: int | None = None) -> Notice:
    """The notice that stands for numbers `first` to `last`, or `count` of them; `at` in ms since 1970."""
    count = last - first + 1 if count is None else count
    text = f"{count} {'notice was' if count == 1 else 'notices were'} not delivered"
    return Notice(last, at, GAP, message=text, data={"from": first, "to": last, "count": count})


def joined(one: Notice, other: Notice) -> Notice:
    """Two gaps as one: for a reader who wants nothing of what is between them."""
    count = one.data["count"] + other.data["count"]
    return gap(one.data["from"], other.data["to"], other.at, count)


def before(notice: Notice) -> int:
    """The number that precedes a notice, gap or not, in the stream."""
    return int(notice.data["from"]) - 1 if notice.kind == GAP else notice.seq - 1
