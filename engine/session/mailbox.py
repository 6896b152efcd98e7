"""Takes letters from the mailbox between two phases: each is applied, and answered once."""

from typing import TYPE_CHECKING

from ..protocol.commands import Answer, Rejected
from . import apply as orders
from .session import Letter

if TYPE_CHECKING:
    from .conductor import Conductor


def take(c: "Conductor") -> None:
    """Apply what lies in the mailbox, up to an order that must wait for a whole step."""
    mailbox = c.session.mailbox
    if not mailbox or must_wait(mailbox[0], c):
        return
    c.record.flush(c)
    taken: list[tuple[Letter, Answer]] = []
    try:
        while mailbox and not c.ended and not must_wait(mailbox[0], c):
            letter = mailbox.popleft()
            order = letter.order
            answer = orders.answer(order.id, order.command, c)
            taken.append((letter, answer))
            c.answered += 1
            if isinstance(answer, Rejected):
                c.lesson.refused()
        c.reporter.publish()  # who has an answer finds the state to it
    finally:
        for letter, answer in taken:
            _reply(letter, answer, c)


def must_wait(letter: Letter, c: "Conductor") -> bool:
    """Whether a step that has begun, while running, is completed first."""
    begun = bool(c.phase) and c.status == "running" and c.ends.goal.phases is None
    return begun and orders.needs_whole_step(letter.order.command, c)


def _reply(letter: Letter, answer: Answer, c: "Conductor") -> None:
    """After it stands in the journal."""
    line = "" if isinstance(answer, Rejected) else orders.journalled(letter.order.command, answer)
    if isinstance(answer, Rejected) or not line:
        letter.reply(answer)
        return
    if answer.changes:
        c.record.mark(answer.step, orders.changed(answer.changes))
    c.session.store.journal(answer.step, letter.who, line, lambda: letter.reply(answer))
