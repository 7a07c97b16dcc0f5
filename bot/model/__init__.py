"""The domain's values: what passes from one stage to the next. Frozen, and free of behaviour that needs the world.

    poll a source -> Entry -> Article -> Mention -> Finding -> Judgement -> Event -> Message -> Delivery

`_at` is an aware UTC datetime, `_on` a date, a duration is a timedelta. Words: docs/words.md.

A module for each subject; whoever is outside imports a value from here, whichever has it."""

from bot.model.articles import *
from bot.model.chats import *
from bot.model.commands import *
from bot.model.delivery import *
from bot.model.entities import *
from bot.model.events import *
from bot.model.feedback import *
from bot.model.findings import *
from bot.model.machines import *
from bot.model.messages import *
from bot.model.people import *
from bot.model.pictures import *
from bot.model.routes import *
from bot.model.sources import *
from bot.model.watchlists import *
