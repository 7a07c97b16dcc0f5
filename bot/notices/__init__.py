"""The jobs of notices: of what is told later (batches after quiet hours, digests, reminders), and of what is no event's
own message (escalations, corrections). What each says is decided and written by `bot.routes`.

due.py: whose quiet hours, digest or snooze is due | escalating.py: is it still nobody's? | sending.py: send one notice,
and keep it up to date | reading.py: what is read for all of them"""

from bot.notices.due import TICK_EVERY, DueNotices
from bot.notices.escalating import Escalations
from bot.notices.reading import Sender
from bot.notices.sending import Notices

__all__ = ["TICK_EVERY", "DueNotices", "Escalations", "Notices", "Sender"]
