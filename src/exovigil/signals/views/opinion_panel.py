"""What a page shows of the second opinion on a stream: in words, in numbers, and which streams it picks out of all."""

import math
from typing import Any

from exovigil.foundation.marks import number_words
from exovigil.signals import queries, record
from exovigil.signals.models import Stream
from exovigil.signals.second_opinion import beside_watch
from exovigil.signals.views.stream_page import design_of

METHOD = (
    "E-values by a gamma mixture of raised rates, cut to ratios above one, on cases counted once; e-BH picks out of all"
    " lots and products so that of those picked at most the share alpha is picked by chance, on average (Wang and"
    " Ramdas 2022, JRSS-B 84:822-852). They hold whenever one looks, and need no limit of watching."
)
_PLAIN = 10_000  # e-values from here on are written as powers of ten


def panel(stream: Stream, *, in_alarm: bool) -> dict[str, Any] | None:
    """Everything the panel draws; None when the run kept no second opinion, as no case counted."""
    second = record.second_opinion(stream.result)
    if second is None:
        return None
    design = design_of(stream)
    levels = (
        (design["null_risk"], "the design", second.log_e, second.picked),
        (design["null_risk_upper"], "upper bound", second.log_e_upper, second.picked_upper),
    )
    return {
        "beside": beside_watch(second, in_alarm=in_alarm),
        "streams": second.streams,
        "alpha": design["alpha"] * 100,
        "bar": e_words(math.log(second.streams / design["alpha"])),
        "rows": [
            {"one_in": round(1 / risk), "name": name, "e": e_words(log_e), "picked": picked}
            for risk, name, log_e, picked in levels
        ],
        "picks": [_pick(row) for row in queries.picked_streams(stream.run, stream.event_class)],
        "method": METHOD,
    }


def _pick(stream: Stream) -> dict[str, Any]:
    second = record.second_opinion(stream.result)
    return {
        "stream": stream,
        "e": e_words(second.log_e) if second else "",
        "in_alarm": stream.state == Stream.State.ALARM,
    }


def e_words(log_e: float) -> str:
    r"""Write an e-value from its natural logarithm, which may be beyond what a float holds.

    >>> e_words(0.0), e_words(math.log(1234)), e_words(50.0), e_words(2000.0)
    ('1.00', '1\u202f234', '5.2 × 10²¹', '3.9 × 10⁸⁶⁸')
    """
    if log_e < math.log(_PLAIN):
        value = math.exp(log_e)
        return number_words(value, 0 if value >= 100 else 2)
    power, tenths = divmod(round(log_e / math.log(10), 12), 1)
    mantissa = 10**tenths
    if mantissa >= 9.95:
        power, mantissa = power + 1, 1.0
    return f"{mantissa:.1f} × 10{str(int(power)).translate(_RAISED)}"


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
