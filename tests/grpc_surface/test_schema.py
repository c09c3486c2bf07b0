"""The schema that is shipped is the one in spec/, and says all that is said elsewhere."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

from vigyc.model.action import KINDS as ACTIONS
from vigyc.model.notice import KINDS as NOTICES
from vigyc.model.run import RESULTS
from vigyc.surfaces.grpc.schema import METHODS, POOL, SERVICE
from vigyc.surfaces.wire.door import WATCH_ARGUMENTS

SPEC = Path(__file__).parents[2] / "spec"
PROTO = SPEC / "vigy.proto"


def test_the_shipped_schema_is_that_of_the_specification(tmp_path: Path) -> None:
    out = tmp_path / "out"
    included = Path(protoc.__file__).parent / "_proto"
    command = ["protoc", f"-I{SPEC}", f"-I{included}", f"--descriptor_set_out={out}", PROTO.name]
    assert protoc.main(command) == 0
    (compiled,) = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    shipped = descriptor_pb2.FileDescriptorProto()
    POOL.FindFileByName(PROTO.name).CopyToProto(shipped)
    assert shipped == compiled, "run python spec/generate.py"


def test_results_and_kinds_are_all_there() -> None:
    words = POOL.FindEnumTypeByName("pleme.vigy.v1.ResultStatus").values_by_name
    assert set(words) == {"RESULT_STATUS_UNSPECIFIED", *(f"RESULT_STATUS_{word.upper()}" for word in RESULTS)}
    text = " ".join(PROTO.read_text("utf-8").replace("//", "").split())
    assert ", ".join(ACTIONS[:-1]) + " or " + ACTIONS[-1] in text
    assert ", ".join(NOTICES[:-1]) + " or " + NOTICES[-1] in text


def test_the_streams_take_what_the_stream_takes() -> None:
    assert set(METHODS["Watch"].input_type.fields_by_name) == {"vigy_id", "after", "kinds"}
    assert {argument.name for argument in WATCH_ARGUMENTS} == {"vigy", "after", "kinds"}
    assert [name for name, method in METHODS.items() if method.server_streaming] == ["StreamEvents", "Watch"]
    assert not any(method.client_streaming for method in METHODS.values())
    assert SERVICE == "pleme.vigy.v1.VigyService"
