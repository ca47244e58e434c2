"""Messages with every kind of field and constraint, made at run time for the tests of the kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP_FILE
from google.type.date_pb2 import DESCRIPTOR as DATE_FILE
from liandong.common.v1 import constraints_pb2
from liandong.common.v1.constraints_pb2 import Constraint, constraint

FieldProto = descriptor_pb2.FieldDescriptorProto
PACKAGE = "liandong.sample.v1"


def _field(
    owner: descriptor_pb2.DescriptorProto,
    number: int,
    name: str,
    kind: int,
    *,
    repeated: bool = False,
    optional: bool = False,
    type_name: str = "",
    rule: Mapping[str, Any] | None = None,
) -> None:
    field = owner.field.add(name=name, number=number, type=kind)
    if type_name:
        field.type_name = type_name
    field.label = FieldProto.LABEL_REPEATED if repeated else FieldProto.LABEL_OPTIONAL
    if optional:
        field.proto3_optional = True
        field.oneof_index = len(owner.oneof_decl)
        owner.oneof_decl.add(name=f"_{name}")
    if rule:
        field.options.Extensions[constraint].CopyFrom(Constraint(**rule))


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="liandong/sample/v1/sample.proto", package=PACKAGE, syntax="proto3"
    )
    file.dependency.extend(
        [constraints_pb2.DESCRIPTOR.name, TIMESTAMP_FILE.name, DATE_FILE.name],
    )
    mood = file.enum_type.add(name="Mood")
    for number, name in enumerate(("MOOD_UNSPECIFIED", "MOOD_GOOD", "MOOD_BAD")):
        mood.value.add(name=name, number=number)
    bare = file.enum_type.add(name="Bare")
    bare.value.add(name="NOTHING", number=0)
    part = file.message_type.add(name="Part")
    _field(part, 1, "code", FieldProto.TYPE_STRING, rule={"required": True, "max_len": 5})
    sample = file.message_type.add(name="Sample")
    text, whole, flag = FieldProto.TYPE_STRING, FieldProto.TYPE_INT64, FieldProto.TYPE_BOOL
    enum, message = FieldProto.TYPE_ENUM, FieldProto.TYPE_MESSAGE
    mood_type, part_type = f".{PACKAGE}.Mood", f".{PACKAGE}.Part"
    stamp_type, date_type = ".google.protobuf.Timestamp", ".google.type.Date"
    _field(sample, 1, "name", text, rule={"required": True, "min_len": 2, "max_len": 4})
    _field(sample, 2, "digits", text, rule={"pattern": r"\d{3}"})
    _field(sample, 3, "count", whole, rule={"min": 1, "max": 9})
    _field(sample, 4, "choice", whole, optional=True, rule={"required": True, "min": 0, "max": 9})
    _field(sample, 5, "mood", enum, type_name=mood_type, rule={"required": True})
    _field(sample, 6, "moods", enum, type_name=mood_type, repeated=True, rule={"max_len": 2})
    _field(sample, 7, "part", message, type_name=part_type, rule={"required": True})
    _field(sample, 8, "parts", message, type_name=part_type, repeated=True, rule={"min_len": 2})
    _field(sample, 9, "content", FieldProto.TYPE_BYTES, rule={"min_len": 2, "max_len": 3})
    _field(sample, 10, "labels", text, repeated=True, rule={"required": True, "pattern": "[a-z]+"})
    _field(sample, 11, "at", message, type_name=stamp_type)
    _field(sample, 12, "day", message, type_name=date_type)
    _field(sample, 13, "ratio", FieldProto.TYPE_DOUBLE, rule={"min": -1, "max": 1})
    _field(sample, 14, "position", FieldProto.TYPE_UINT64)
    _field(sample, 15, "free", text)
    _field(sample, 16, "agreed", flag, optional=True, rule={"required": True})
    _field(sample, 17, "flag", flag, rule={"required": True})
    _field(sample, 18, "mood_maybe", enum, type_name=mood_type, optional=True)
    _field(sample, 19, "bare", enum, type_name=f".{PACKAGE}.Bare")
    _field(sample, 20, "maybe", text, optional=True, rule={"required": True})
    return file


_pool = descriptor_pool.Default()
_pool.AddSerializedFile(_file().SerializeToString())
Sample: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.Sample"))
Part: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.Part"))


def good(**changes: Any) -> Any:
    """Return a sample that satisfies every constraint, with `changes`."""
    given: dict[str, Any] = {
        "name": "张三",
        "digits": "123",
        "count": 1,
        "choice": 0,
        "mood": 1,
        "part": Part(code="a"),
        "labels": ["a"],
        "agreed": False,
        "maybe": "x",
    }
    return Sample(**given | changes)
