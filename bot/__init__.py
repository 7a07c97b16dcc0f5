"""sanctions-bot: alerts on new sanctions against the entities that someone tracks."""

import os

__version__ = "0.1.0"

# Before numpy is imported: several articles are judged at once, each in its thread. OpenBLAS would start threads of its
# own for each, which wait for one another in busy loops: twice the processor time for a tenth less of waiting.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
