"""One item ahead: the next batch is read and typed while this one is keyed and written.

Reading and typing happen inside Polars, keying in Python: side by side they use two processors where there are two.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_END: Any = object()


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order; an exception comes where it would have come, one item is held at most."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item
