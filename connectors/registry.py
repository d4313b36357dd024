"""One registry for every kind of part: forecasters, features, metrics, readers, writers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from connectors.errors import ConfigError, near_name

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Registry(Generic[T]):
    """Parts by name, in the order they were added.

    Args:
        kind: What the parts are called in messages ("forecaster").

    Example:
        >>> colours: Registry[int] = Registry("colour")
        >>> colours.add("red", 1)
        1
        >>> colours["red"]
        1
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._parts: dict[str, T] = {}

    def add(self, name: str, part: T) -> T:
        """Add a part; a second owner of the name is refused.

        Raises:
            ConfigError: If the name is taken.
        """
        if name in self._parts:
            raise ConfigError(
                f"The {self.kind} {name!r} is registered twice.", fix="Give the second one another name."
            )
        self._parts[name] = part
        return part

    def __getitem__(self, name: str) -> T:
        if name not in self._parts:
            raise ConfigError(f"There is no {self.kind} {name!r}.", fix=near_name(name, self._parts))
        return self._parts[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def items(self) -> list[tuple[str, T]]:
        """Names and parts, in the order they were added."""
        return list(self._parts.items())
