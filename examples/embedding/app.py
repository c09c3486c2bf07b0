"""Embed a vigy in a Python program: tick it a thousand times a second and teach it two functions of our own.

    python app.py [--ticks 5000] [--rate 1000]

The room is simulated. The program only ever sees `sensor-read` and `heater-set!`; what it remembers between ticks is
in its kv, here a dict (give `Ticker` a scope of `vigyc.open_kv(path)` to have it last).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import vigyc


class Room:
    """A room that cools to 15 degrees and is warmed by a heater."""

    def __init__(self) -> None:
        self.temperature = 19.6
        self.heater = False

    def pass_time(self) -> None:
        """A moment goes by."""
        self.temperature += 0.01 * ((30.0 if self.heater else 15.0) - self.temperature)


def room_extension(room: Room) -> vigyc.Extension:
    """What the program may do with `room`."""
    extension = vigyc.Extension("room")

    @extension.function("sensor-read", 1)
    def sensor_read(host: vigyc.Host, name: str) -> float:
        """The temperature of the room called `name`, in degrees."""
        if name != "room":
            raise LookupError(f"there is no sensor {name!r}")
        return room.temperature

    @extension.function("heater-set!", 1)
    def heater_set(host: vigyc.Host, on: bool) -> None:
        """Switch the heater on or off."""
        room.heater = on

    return extension


def run(ticks: int, rate: float) -> dict[str, object]:
    """Tick so many times, `rate` a second (0: as fast as it goes); says how it went."""
    room = Room()
    source = Path(__file__).with_name("thermostat.tatara")
    extensions = [*vigyc.standard_extensions(), room_extension(room)]
    program = vigyc.compile(source.read_text("utf-8"), filename=source.name, extensions=extensions)
    ticker = vigyc.Ticker(program, deadline=0.1)
    coldest = warmest = room.temperature
    started = due = time.perf_counter()
    working = 0.0
    for _ in range(ticks):
        begin = time.perf_counter()
        ticker.tick()
        working += time.perf_counter() - begin
        room.pass_time()
        coldest, warmest = min(coldest, room.temperature), max(warmest, room.temperature)
        if rate:
            due += 1 / rate
            time.sleep(max(0.0, due - time.perf_counter()))
    return {
        "ticks": ticks,
        "seconds": round(time.perf_counter() - started, 3),
        "us per tick": round(working / ticks * 1e6, 2),
        "coldest": round(coldest, 2),
        "warmest": round(warmest, 2),
        "switches": ticker.scope.kv.get("switches", 0),
    }


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description="A thermostat ticked by a Python program.")
    parser.add_argument("--ticks", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=1000.0, help="ticks a second; 0: as fast as it goes")
    options = parser.parse_args()
    for name, value in run(options.ticks, options.rate).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
