"""Server-sent events are read however their bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.surfaces.client.server_events import ServerEvent, server_events

STREAM = (
    'retry: 2000\n\n: alive\r\n\r\nid: 7\nevent: run\ndata: {"a":\ndata: "ü"}\n\ndata:x\r\rid: 9\n\nevent\ndata\n\n'
)
EVENTS = [ServerEvent("run", '{"a":\n"ü"}', "7"), ServerEvent("", "x", None), ServerEvent("", "", None)]


@given(st.lists(st.integers(0, len(STREAM.encode())), max_size=12))
def test_the_events_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    data = STREAM.encode()
    places = [0, *sorted(cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(places)]
    assert list(server_events(parts)) == EVENTS


@pytest.mark.parametrize("part", range(1, 4))
def test_in_parts_of_a_few_bytes(part: int) -> None:
    data = STREAM.encode()
    assert list(server_events(data[at : at + part] for at in range(0, len(data), part))) == EVENTS


def test_what_is_cut_off_at_the_end_is_none() -> None:
    assert list(server_events([b"id: 1\ndata: whole\n\n", b"id: 2\ndata: half\n"])) == [ServerEvent("", "whole", "1")]


def test_an_event_without_data_is_none() -> None:
    assert list(server_events([b"id: 1\nevent: x\n\n"])) == []
