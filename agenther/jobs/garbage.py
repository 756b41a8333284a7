"""Cyclic garbage is looked for more rarely while models are asked.

Nearly all that a run makes is freed as soon as nobody holds it. By default Python looks through all living objects
again and again all the same, those of imported packages too, which took a tenth of the CPU of a call.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 50)
"""Objects made since the last look at the young, looks at the young before one at the middle, and so on."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Inside the block."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
