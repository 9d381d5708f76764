"""What a receiver's answer means for one report: accepted, accepted with remarks, or rejected, with the reason.

The message's own code counts (CA loaded; CE and CR not); where the answer does not name the message, the batch's does
(AA all loaded; AE and AR not all, so that nobody takes a silent report for a loaded one). A code that is not in the
lists is never taken for accepted. The codes and their meanings are those of ``e2b.acknowledgement``.
"""

from dataclasses import dataclass

from exovigil.vigilance.e2b.acknowledgement import Acknowledgement, Answer

_PRAISE = (
    "success",
    "loaded",
    "accepted",
    "no further action",
)  # words that receivers put beside plain acceptance
_DOUBT = ("warn", "error", "reject", "missing", "invalid", "not ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` is accepted, remarks or rejected; ``code`` the message's, empty when only the batch was answered."""

    state: str
    code: str
    reason: str
    local_number: str


def verdict_on(answer: Acknowledgement, message: str) -> Verdict:
    """Judge the answer for the message of this number (N.2.r.1).

    A batch of one message is about that message whatever number the receiver quotes for it.
    """
    own = _own(answer, message)
    deciding = own or answer.batch
    said = "; ".join(dict.fromkeys(part.reason for part in (own, answer.batch) if part and part.reason))
    reason = said if deciding.accepted else "; ".join(part for part in (deciding.meaning, said) if part)
    if not deciding.accepted:
        state = "rejected"
    else:
        state = "remarks" if own and _remarks(own.reason) else "accepted"
    return Verdict(state, own.state if own else "", reason, deciding.local_number)


def _own(answer: Acknowledgement, message: str) -> Answer | None:
    found = next((one for one in answer.messages if one.identifier.strip() == message), None)
    return found or (answer.messages[0] if len(answer.messages) == 1 else None)


def _remarks(reason: str) -> bool:
    """Whether the words beside an acceptance say more than that it was one."""
    plain = reason.lower()
    if not plain:
        return False
    return any(word in plain for word in _DOUBT) or not any(word in plain for word in _PRAISE)
