"""Which machine a figure was measured on: no figure means anything without it."""

import os
import platform
from pathlib import Path

import psutil


def machine() -> str:
    """Return the machine's processors, memory and system in one line."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{len(os.sched_getaffinity(0))} x {_processor()}, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return platform.processor() or "processor unknown"
    lines = information.read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "processor unknown")
