"""The outbound exchange as files: a numbered batch of JSON lines for the gateway to fetch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from servicekit.blobs import write_atomically
from services.intake.domain.exchange import ExchangeRow, Operation
from workdays import CHINA_STANDARD_TIME

__all__ = ["DATA_SOURCE", "FolderSink"]

DATA_SOURCE = "370306-liandong"


@dataclass(frozen=True, slots=True)
class FolderSink:
    """Writes each batch as one file; the same batch written again is the same file."""

    folder: Path

    def write(
        self, batch: int, at: datetime, rows: Sequence[tuple[ExchangeRow, Operation]]
    ) -> None:
        lines = [self._line(batch, at, row, operation) for row, operation in rows]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / f"batch-{batch:010}.jsonl", "".join(lines).encode())

    @staticmethod
    def _line(batch: int, at: datetime, row: ExchangeRow, operation: Operation) -> str:
        content = {
            "table": row.table.value,
            **row.columns,
            "cd_operation": operation.value,
            "cd_batch": str(batch),
            "cd_time": at.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M:%S"),
            "data_source": DATA_SOURCE,
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"
