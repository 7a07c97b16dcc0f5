"""The jobs in order of the data flow: load, ask the core, save.

    polling.py   tick | poll: fetch, parse, keep the new
    reading.py   read: fetch the page, find mentions, judge, ask the second reader what is unsure (judging.py), cluster
                 with what is known (known.py), plan (planning.py), put (outbox.py)
    sending.py   deliver: send | refresh: edit, with threads of its own (threads.py)

Each job may run again after a crash; each saves all it decided in one transaction, with the jobs that follow from it.
"""

from bot.pipeline.judging import SecondReading, article_of_page, judge, judge_asked, judge_now, judged_in_light
from bot.pipeline.needs import Followers, Outcome, Review
from bot.pipeline.reading import PAGE_BYTES, Pipeline

__all__ = [
    "PAGE_BYTES",
    "Followers",
    "Outcome",
    "Pipeline",
    "Review",
    "SecondReading",
    "article_of_page",
    "judge",
    "judge_asked",
    "judge_now",
    "judged_in_light",
]
