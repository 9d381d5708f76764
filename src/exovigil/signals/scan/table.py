"""Tables as files, CSV or Parquet by the ending of the name; that of a scan has one row a pair."""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

MEASURES = (
    "prr", "prr_low", "prr_high", "ror", "ror_low", "ror_high", "chi2", "ic", "ic025", "ebgm", "eb05", "eb95",
)  # fmt: skip
COLUMNS = ("product", "reaction", "n", "expected", *MEASURES)
SCHEMA = pa.schema(
    [
        ("product", pa.string()),
        ("reaction", pa.string()),
        ("n", pa.int64()),
        *((name, pa.float64()) for name in ("expected", *MEASURES)),
    ]
)
ENDINGS = (".csv", ".parquet")


def about_file(table: Path) -> Path:
    """Where a scan says what its table rests on."""
    return table.with_name(f"{table.name}.about.json")


class TableFile:
    """A file of rows, CSV or Parquet by the ending of its name, that appears whole or not at all."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        if path.suffix not in ENDINGS:
            raise ValueError(f"{path}: the name must end in {' or '.join(ENDINGS)}")
        self.path, self.making = path, path.with_name(f".{path.name}.making")
        self.rows = 0
        open_: Callable[..., pc.CSVWriter | pq.ParquetWriter] = (
            pc.CSVWriter if path.suffix == ".csv" else pq.ParquetWriter
        )
        self.writer = open_(str(self.making), schema)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows of the schema."""
        self.writer.write_batch(batch)
        self.rows += batch.num_rows

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in its place, or take it away if anything went wrong."""
        self.writer.close()
        if kind is None:
            os.replace(self.making, self.path)
        else:
            self.making.unlink(missing_ok=True)


class TableWriter(TableFile):
    """Writes batches of a scan. A missing number is empty, not zero."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)

    def write(
        self,
        product: pa.Array,
        reaction: pa.Array,
        n: NDArray[np.int64],
        numbers: dict[str, NDArray[np.float64]],
    ) -> None:
        """Add rows; ``numbers`` holds ``expected`` and every measure, not a number where there is none."""
        arrays = [product.cast(pa.string()), reaction.cast(pa.string()), pa.array(n, pa.int64())]
        arrays += [pa.array(numbers[name], pa.float64(), from_pandas=True) for name in COLUMNS[3:]]
        self.add(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
