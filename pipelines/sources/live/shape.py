"""`live_frames`: the lines that `frames` writes. Not here: the shape of recorded watches (`pipelines.sources.watch_frames`), which it adds to."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sources import watch_frames
from pipelines.sources.model import Step

SHAPE = replace(watch_frames.SHAPE, name="live_frames", steps=(*watch_frames.SHAPE.steps, Step("live_feed", "parsed")))
