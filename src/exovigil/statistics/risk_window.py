"""Events to be expected from people whose risk lies in a window that is still running."""

import numpy as np
from numpy.typing import NDArray


def elapsed_share(days: NDArray[np.int64], *, start: int, end: int) -> NDArray[np.float64]:
    """Share (0-1) of the risk window elapsed at the end of each of ``days`` since the start of risk.

    The window is days ``start`` to ``end``, both inside it, and onset is taken as uniform over its
    ``end - start + 1`` days. So the share is one day's worth at the end of day ``start``, not zero:
    with zero, an onset on that day would be an event where none could be expected. Raises
    ValueError when the window ends before it starts.

    >>> elapsed_share(np.array([13, 14, 92, 400]), start=14, end=92).round(4).tolist()
    [0.0, 0.0127, 1.0, 1.0]
    """
    if end < start:
        raise ValueError("a risk window must not end before it starts")
    return np.asarray(np.clip((days - start + 1) / (end - start + 1), 0.0, 1.0), dtype=np.float64)
