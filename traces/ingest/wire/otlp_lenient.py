"""A wire-compatible reading of OTLP traces that survives what the stock classes refuse.

Stock classes reject a whole request for one invalid UTF-8 byte or one value nested too deeply.
Here every text field is bytes, and an attribute's value stays encoded until it is asked for.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2


def _relax(file: FileDescriptorProto, *, opaque_values: bool) -> FileDescriptorProto:
    for message in file.message_type:
        for field in message.field:
            if field.type == FieldDescriptorProto.TYPE_STRING:
                field.type = FieldDescriptorProto.TYPE_BYTES
            if opaque_values and message.name == "KeyValue" and field.name == "value":
                field.type = FieldDescriptorProto.TYPE_BYTES
                field.ClearField("type_name")
        for nested in message.nested_type:
            for field in nested.field:
                if field.type == FieldDescriptorProto.TYPE_STRING:
                    field.type = FieldDescriptorProto.TYPE_BYTES
    return file


def _pool(*, opaque_values: bool) -> DescriptorPool:
    pool = DescriptorPool()
    for module in (common_pb2, resource_pb2, trace_pb2, trace_service_pb2):
        file = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        pool.Add(_relax(file, opaque_values=opaque_values))
    return pool


# Two pools: in the request a value is opaque; a value on its own has its whole structure.
_requests = _pool(opaque_values=True)
_values = _pool(opaque_values=False)
_Request: Any = GetMessageClass(
    _requests.FindMessageTypeByName(
        "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest"
    )
)
_Value: Any = GetMessageClass(
    _values.FindMessageTypeByName("opentelemetry.proto.common.v1.AnyValue")
)


class TolerantRequest:
    """Parses requests and values without checking their text."""

    @staticmethod
    def parse(body: bytes) -> Any:
        """Return the request. Raises DecodeError when it is no such message."""
        return _Request.FromString(body)

    @staticmethod
    def value(encoded: bytes) -> Any:
        """Return an attribute's AnyValue. Raises DecodeError when it is none."""
        return _Value.FromString(encoded)
