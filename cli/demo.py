"""`liandong demo`: the embedded district, driven through all journeys, read again, printed."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.run import CheckInput, check
from cli.installation import InstallationError
from journeys.embedded import embedded
from journeys.errors import FAILURES
from journeys.every import all_journeys
from journeys.recorder import Journey, Recorder
from journeys.reread import pages, reread
from journeys.world import Actor, World
from servicekit.clock import CHINA_STANDARD_TIME
from servicekit.grpc_errors import Refusal
from services.standalone.district import LIMITS

__all__ = ["drive", "drive_all", "run_demo"]


@dataclass(slots=True)
class Outcome:
    """What one journey came to."""

    journey: Journey
    ok: bool
    steps: list[str]
    refusals: list[Refusal]


def run_demo(build: Path) -> int:
    """Run all journeys on a fresh embedded district; return the exit code."""
    began = time.monotonic()
    print("联动政务服务演示\n" + LIMITS + "\n")
    _clear(build)
    with embedded(build / "district") as (district, world):
        outcomes = [drive(world, journey) for journey in all_journeys()]
        district.settle()  # every event is counted before the ratios are read
        ratios = _show_ratios(world)
        documents = _print_documents(world, build / "documents")
    report = check(CheckInput.embedded(build / "district"))
    print(f"\n核对：{report.verdict}")
    ok = all(outcome.ok for outcome in outcomes) and not report.findings
    summary = _summary(outcomes, ratios, documents, time.monotonic() - began)
    target = build / "summary.json"
    target.write_text(json.dumps(summary, ensure_ascii=False, indent=2), encoding="utf-8")
    print(f"文书{len(documents)}份在 {build / 'documents'}，汇总在 {target}")
    print(f"用时{summary['elapsed_s']}秒。{'演示完成。' if ok else '演示未通过，见上。'}")
    return 0 if ok else 1


def _clear(build: Path) -> None:
    """Remove what an earlier demonstration left, and nothing that is somebody else's."""
    if build.exists() and any(build.iterdir()) and not (build / "district").is_dir():
        raise InstallationError(
            f"{build} 中有其他文件，演示不会清空它；请用 --build 另指定文件夹。"
        )
    for name in ("district", "documents"):
        shutil.rmtree(build / name, ignore_errors=True)
    (build / "summary.json").unlink(missing_ok=True)


def drive_all(world: World) -> bool:
    """Drive every journey on a running district; tell whether all went through."""
    outcomes = [drive(world, journey) for journey in all_journeys()]
    return all(outcome.ok for outcome in outcomes)


def drive(world: World, journey: Journey) -> Outcome:
    """Drive one journey, read its facts again in other posts, print both; tell how it went."""
    print(f"【办件流程{journey.id}】{journey.title}")
    log = Recorder(show=print)
    try:
        number = journey.run(world, log)
        _show_timeline(world, world.staff("p-0401"), number)
        agreed = reread(world, number)
        print(f"  换岗位复读：{agreed}")
    except FAILURES as error:
        print(f"  未通过：{error}")
        return Outcome(journey, ok=False, steps=log.steps, refusals=log.refusals)
    return Outcome(journey, ok=True, steps=log.steps, refusals=log.refusals)


def _show_timeline(world: World, supervisor: Actor, number: str) -> None:
    print(f"\n  办件{number}的经过（监督岗位查看）：")
    for entry in world.do(supervisor, "intake", "GetTimeline", case_number=number).entries:
        at = entry.at_time.ToDatetime(tzinfo=CHINA_STANDARD_TIME)
        print(f"    {at:%Y年%m月%d日 %H:%M}  {entry.text}")


def _show_ratios(world: World) -> dict[str, Any]:
    print("\n各项比率（分子/分母；申报 | 实证）：")
    found: dict[str, Any] = {}
    supervisor = world.staff("p-0401")
    for ratio in world.do(supervisor, "metrics", "GetRatios").ratios:
        declared = ratio.declared if ratio.HasField("declared") else None
        found[ratio.name] = {"declared": _counts(declared), "proven": _counts(ratio.proven)}
        print(f"  {ratio.title}：{_fraction(declared)} | {_fraction(ratio.proven, ratio.unit)}")
    return found


def _counts(fraction: Any) -> dict[str, int] | None:
    if fraction is None:
        return None
    return {"numerator": fraction.numerator, "denominator": fraction.denominator}


def _fraction(fraction: Any, unit: str = "") -> str:
    """Return a share in percent, or a mean in its unit."""
    if fraction is None:
        return "—"
    value = "—"
    if fraction.denominator:
        quotient = fraction.numerator / fraction.denominator
        value = f"{quotient:.1f} {unit}" if unit else f"{quotient:.1%}"
    return f"{fraction.numerator}/{fraction.denominator}（{value}）"


def _print_documents(world: World, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    supervisor = world.staff("p-0401")
    paths = []
    cases = pages(lambda **page: world.do(supervisor, "intake", "ListCases", **page), "cases")
    for case in cases:
        listed = world.do(
            supervisor, "intake", "ListDocuments", case_number=case.case_number
        ).documents
        for document in (each for each in listed if each.sha256):
            content = _content(world, supervisor, case.case_number, document.document)
            path = folder / f"{document.document}_{document.title}.pdf"
            path.write_bytes(content)
            paths.append(str(path))
    return paths


def _content(world: World, reader: Actor, number: str, document: str) -> bytes:
    content = bytearray()
    while True:
        piece = world.do(
            reader, "intake", "ReadDocument",
            case_number=number, document=document, offset=len(content),
        )  # fmt: skip
        content += piece.chunk
        if not piece.chunk or len(content) >= piece.size:
            return bytes(content)


def _summary(
    outcomes: list[Outcome], ratios: dict[str, Any], documents: list[str], elapsed: float
) -> dict[str, Any]:
    return {
        "journeys": [
            {
                "id": outcome.journey.id,
                "title": outcome.journey.title,
                "ok": outcome.ok,
                "steps": outcome.steps,
            }
            for outcome in outcomes
        ],
        "refusals": [
            {
                "rule": refusal.rule,
                "reason": refusal.reason,
                "code": refusal.code,
                "text": refusal.text,
            }
            for outcome in outcomes
            for refusal in outcome.refusals
        ],
        "ratios": ratios,
        "documents": documents,
        "elapsed_s": round(elapsed, 1),
    }
