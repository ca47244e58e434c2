"""Which gRPC service of a package has a method, and what messages it takes and gives.

A package may have several services in several files; whoever drives a journey
names the package and the method, as people do who read the contract.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

__all__ = ["Method", "method_of", "methods_of"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its path on the wire and the classes of its two messages."""

    path: str
    request: type[Message]
    response: type[Message]

    def asks(self, field: str) -> bool:
        """Tell whether the request has a field of that name."""
        return field in self.request.DESCRIPTOR.fields_by_name


@lru_cache
def methods_of(package: str) -> dict[str, dict[str, Method]]:
    """Return the methods of each gRPC service of `package`, by the names of service and method.

    An unknown package raises `ModuleNotFoundError`.
    """
    folder = importlib.import_module(f"liandong.{package}.v1")
    found: dict[str, dict[str, Method]] = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(folder.__path__)):
        if not module.endswith("_pb2"):
            continue
        file = importlib.import_module(f"{folder.__name__}.{module}").DESCRIPTOR
        for name, service in file.services_by_name.items():
            found[name] = {method.name: _method(service, method) for method in service.methods}
    return found


def method_of(package: str, method: str, service: str = "") -> Method:
    """Return a method of `package`; where two services have one of that name, say which.

    Raises `AttributeError` where there is none, or more than one.
    """
    having = [
        methods[method]
        for name, methods in methods_of(package).items()
        if method in methods and service in {"", name}
    ]
    if len(having) != 1:
        raise AttributeError(f"{len(having)} services of {package} have a method {method}")
    return having[0]


def _method(service: Any, method: Any) -> Method:
    return Method(
        path=f"/{service.full_name}/{method.name}",
        request=GetMessageClass(method.input_type),
        response=GetMessageClass(method.output_type),
    )
