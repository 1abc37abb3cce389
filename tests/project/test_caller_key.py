"""The page that vendors check their own program against: its examples, recomputed with the standard library alone."""

import hashlib
import hmac
import re
import shlex
import subprocess
import sys
from pathlib import Path

import phonenumbers

PAGE = (Path(__file__).parents[2] / "docs" / "caller-key.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(.+?)` \| `(\+\d+)` \| `([0-9a-f]{16})` \| `(\d+)` \|$", PAGE, flags=re.MULTILINE)


def test_the_examples_are_what_the_page_says() -> None:
    assert len(EXAMPLES) == 2
    for secret, number, digits, key in EXAMPLES:
        digest = hmac.new(secret.encode("utf-8"), number.encode("ascii"), hashlib.sha256).hexdigest()
        assert (digits, int(key)) == (digest[:16], int(digest[:16], 16))


def test_one_example_tells_a_signed_integer_and_another_encoding_apart() -> None:
    assert any(int(key) >= 2**63 and not secret.isascii() for secret, _, _, key in EXAMPLES)


def test_the_examples_are_nobodys_numbers() -> None:
    for _, number, _, _ in EXAMPLES:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(number))


def test_the_command_on_the_page_prints_the_first_key() -> None:
    (command,) = re.findall(r'^python3 (-c "import hmac.+)$', PAGE, flags=re.MULTILINE)
    printed = subprocess.run([sys.executable, *shlex.split(command)], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == EXAMPLES[0][3]
