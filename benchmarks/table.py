"""From the JSON of a benchmark run to the table of the README: `python benchmarks/table.py RUN.json README.md`."""

from __future__ import annotations

import json
import platform
import sys
from math import exp, log
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- benchmarks: written by scripts/bench -->", "<!-- end of benchmarks -->"

GROUPS = {
    "kernels": "Kernels. The number is our time divided by that of idiomatic hand-written Python doing the same work.",
    "kernels of our own": "More kernels, of other shapes; the same ratio.",
    "ticks": "Ticks in memory. A ratio is against hand-written Python doing the same on the same host object.",
    "store": "Ticks that last. A ratio is against what is named.",
    "runtime": "The runtime: many vigies, every tick on the disk.",
    "bus": "The stream going out.",
    "effects": "Effects under a policy.",
    "surfaces": "The server, over real sockets.",
    "enhance": "The enhance pipeline.",
    "compile": "Compiling, Lark and all.",
    "growth": "Growth: how many times longer ten times as many elements take.",
}


def result(entry: dict[str, Any]) -> str:
    """The number that stands beside the target."""
    info = entry["extra_info"]
    return info["value"] if "value" in info else f"{info['ratio']:.2f}"


def name(entry: dict[str, Any]) -> str:
    """What was measured."""
    what: str = entry["extra_info"]["what"]
    kernel = entry.get("param") if entry["group"].startswith("kernels") else None
    return f"{kernel}: {what}" if kernel else what


def section(group: str, entries: list[dict[str, Any]]) -> str:
    """The rows of one group, with the geometric mean where it is asked for."""
    rows = [f"| {name(entry)} | {entry['extra_info']['target']} | {result(entry)} |" for entry in entries]
    if group.startswith("kernels"):
        ratios = [entry["extra_info"]["ratio"] for entry in entries]
        mean = exp(sum(map(log, ratios)) / len(ratios))
        rows.append(f"| **geometric mean** | {'<= 1.25' if group == 'kernels' else '-'} | **{mean:.2f}** |")
    return "\n".join([f"\n{GROUPS[group]}\n", "| what | target | result |", "|---|---|---|", *rows])


def machine(run: dict[str, Any]) -> str:
    """Where the run was made."""
    info = run["machine_info"]
    cpu = info.get("cpu", {})
    brand = cpu.get("brand_raw") or platform.processor() or info["machine"]
    python = f"{info['python_implementation']} {info['python_version']}"
    return f"Measured on {brand}, {cpu.get('count', '?')} cores, {info['system']}, {python}, {run['datetime'][:10]}."


def table(run: dict[str, Any]) -> str:
    """The whole text between the markers."""
    parts = [
        machine(run) + " Ratios are medians over interleaved rounds in one process; they repeat within about 10 %."
    ]
    for group in GROUPS:
        entries = [entry for entry in run["benchmarks"] if entry["group"] == group]
        if entries:
            parts.append(section(group, entries))
    return "\n".join(parts)


def main(run_path: str, readme_path: str) -> None:
    """Replace what stands between the markers of the README."""
    readme = Path(readme_path)
    text = readme.read_text("utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    run = json.loads(Path(run_path).read_text("utf-8"))
    readme.write_text(f"{before}{BEGIN}\n{table(run)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
