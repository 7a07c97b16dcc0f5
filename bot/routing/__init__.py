"""The jobs of what is told later and of what is no event's own message.

ticking.py: whose quiet hours, digest or snooze is due | escalating.py: is it still nobody's? | notices.py: send one
such message, and keep it up to date | reading.py: what is read for all of them"""

from bot.routing.escalating import Escalations
from bot.routing.notices import Notices
from bot.routing.reading import Sender
from bot.routing.ticking import TICK_EVERY, Routing

__all__ = ["TICK_EVERY", "Escalations", "Notices", "Routing", "Sender"]
