from __future__ import annotations

import uuid
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.model.run_id import RunIds, is_run_id

MS = 1_750_000_000_123


def test_an_id_is_a_uuid_of_version_7_with_its_time() -> None:
    made = RunIds().make(MS)
    parsed = uuid.UUID(made)
    assert (parsed.version, parsed.variant, str(parsed)) == (7, uuid.RFC_4122, made)
    assert parsed.int >> 80 == MS
    assert is_run_id(made)


def test_the_example_of_the_rfc() -> None:
    # RFC 9562 A.6: 2022-02-22T19:22:22Z, rand_b 0x18C4DC0C0C07398F without the variant; its rand_a is not a counter.
    ids = RunIds(lambda count: bytes.fromhex("98c4dc0c0c07398f") * (count // 8))
    assert ids.make(0x017F22E279B0) == "017f22e2-79b0-7000-98c4-dc0c0c07398f"


def test_every_random_byte_makes_the_variant() -> None:
    seen = iter(range(256))
    ids = RunIds(lambda count: b"".join(bytes([next(seen, 0)]) * 8 for _ in range(count // 8)))
    assert all(is_run_id(ids.make(MS)) for _ in range(256))


@given(st.lists(st.one_of(st.integers(0, 20), st.integers(0, 2**48 - 1)), max_size=60))
def test_ids_sort_as_they_were_made_wherever_the_clock_goes(times: list[int]) -> None:
    ids = RunIds()
    made = [ids.make(ms) for ms in times]
    assert made == sorted(set(made))


def test_more_than_a_counter_holds_in_one_ms() -> None:
    ids = RunIds()
    made = [ids.make(MS) for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {uuid.UUID(each).int >> 80 for each in made} == {MS, MS + 1, MS + 2}


def test_threads_never_get_the_same() -> None:
    ids, made = RunIds(), list[str]()
    threads = [Thread(target=lambda: made.extend([ids.make(MS) for _ in range(2_000)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heads = {each[:18] for each in made}
    assert len(heads) == len(made) == 8_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01980000-0000-4000-8000-000000000000",
        "01980000-0000-7000-c000-000000000000",
        "0198000000007000800000000000",
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert not is_run_id(text)
