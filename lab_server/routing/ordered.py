"""Keys kept in order: finding one's place takes as many looks as the number of keys has binary digits."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=tuple[float, float, str])


class Ordered(Generic[Key]):
    """A sorted list of distinct keys. Iterating goes over those that were there when it began."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._keys))

    @property
    def first(self) -> Key:
        """Raises IndexError if there is none."""
        return self._keys[0]

    def add(self, key: Key) -> None:
        insort(self._keys, key)

    def remove(self, key: Key) -> bool:
        """Whether it was there."""
        at = bisect_left(self._keys, key)
        if at == len(self._keys) or self._keys[at] != key:
            return False
        del self._keys[at]
        return True

    def place(self, key: Key) -> int:
        """How many come before it."""
        return bisect_left(self._keys, key)
