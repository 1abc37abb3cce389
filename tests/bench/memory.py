"""How much memory a process has taken at most: what `make bench` and `make fuzz` print."""

from pathlib import Path


def peak_mb(reset: bool = False) -> float:
    """The most memory that this process has had since the last reset, on Linux."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
