"""Which Debian packages this machine still needs, one name a line; prints nothing when it has all of them.

Runs under the system's Python before anything is installed, so it uses the standard library only. It asks the machine
the way the programs will later (can the library be loaded, is there a font for Chinese), not the package manager: what
was put there by other means counts too. `setup.sh` installs what is printed here.
"""

import ctypes
import importlib.util
import sys
from collections.abc import Callable

NEEDS: tuple[tuple[str, Callable[[], bool]], ...] = (
    # `python3-venv` brings ensurepip; without it `python3 -m venv` fails half-way.
    ("python3-venv", lambda: has_module("venv") and has_module("ensurepip")),
    # WeasyPrint lays text out with these. libpangoft2 pulls in Pango, HarfBuzz, fontconfig and GLib.
    ("libpangoft2-1.0-0", lambda: has_library("libpangoft2-1.0.so.0") and has_library("libpango-1.0.so.0")),
    ("libharfbuzz-subset0", lambda: has_library("libharfbuzz-subset.so.0")),
    # Without a CJK font Chinese prints as empty boxes.
    ("fonts-noto-cjk", lambda: has_font_for("zh-cn")),
)


def missing(needs: tuple[tuple[str, Callable[[], bool]], ...] = NEEDS) -> list[str]:
    """Names of the Debian packages whose purpose this machine cannot yet fulfil, in the order of `needs`."""
    return [package for package, is_there in needs if not is_there()]


def has_module(name: str) -> bool:
    """Whether this Python could import `name`."""
    return importlib.util.find_spec(name) is not None


def has_library(soname: str) -> bool:
    """Whether the dynamic loader finds `soname` and everything that it links to."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_font_for(language: str) -> bool:
    """Whether fontconfig lists a font that covers `language` (as in `fc-list :lang=…`, without that program)."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    fontconfig.FcNameParse.restype = ctypes.c_void_p
    fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    # FcFontSet opens with the number of fonts, an int.
    fontconfig.FcFontList.restype = ctypes.POINTER(ctypes.c_int)
    pattern = fontconfig.FcNameParse(f":lang={language}".encode())
    fonts = fontconfig.FcFontList(None, pattern, fontconfig.FcObjectSetCreate())
    return bool(fonts) and fonts[0] > 0


if __name__ == "__main__":
    sys.stdout.write("".join(f"{package}\n" for package in missing()))
