"""What every recorded result says alike: the machine's name, and floats with four digits."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

__all__ = ["device", "rounded"]


def device() -> str:
    """The processor's name, and how many of its cores this machine has."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        name = lines[0].partition(":")[2].strip() if lines else name
    return f"{name}, {os.cpu_count()} cores"


def rounded(value: Any) -> Any:
    """The same with four significant digits for every float."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
