"""Files and functions stay small enough to be read at once."""

from __future__ import annotations

from statistics import median, quantiles

from house import tree


def test_files_are_small() -> None:
    sizes = {str(path): tree.line_count(path) for path in tree.modules() if path.name != "__init__.py"}
    too_long = {path: size for path, size in sizes.items() if size > 450}
    assert not too_long
    assert median(sizes.values()) <= 150
    assert quantiles(sizes.values(), n=10)[-1] <= 300, sorted(sizes.items(), key=lambda item: -item[1])[:12]


def test_functions_are_small() -> None:
    sizes = tree.functions()
    assert not [(name, size) for name, size in sizes if size > 60]
    assert median(size for _, size in sizes) <= 8
