"""Cuts one text at the ends of lines into one to calibrate on and one to measure with, where only one is at hand.

    python split.py --model DIR --text FILE --calibration OUT --test OUT [--samples 256] [--windows 127] [--window 512]

The first part has at least `samples` windows and ends with the line that fills them; the second follows and has `windows`.
"""

import argparse
from pathlib import Path

from transformers import AutoTokenizer


def take(tokenizer, lines, tokens):
    """Takes lines off the front until they have so many tokens, as one string."""
    text = ""
    count = 0
    while count < tokens:
        missing = tokens - count
        while lines and missing > 0:
            line = lines.pop(0)
            text += line
            missing -= len(tokenizer.encode(line, add_special_tokens=False))
        count = len(tokenizer.encode(text, add_special_tokens=False))
        if not lines and count < tokens:
            raise SystemExit(f"text: it ends {tokens - count} tokens too early (expected: fewer windows, or a longer text)")
    return text


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--text", type=Path, required=True)
    arguments.add_argument("--calibration", type=Path, required=True)
    arguments.add_argument("--test", type=Path, required=True)
    arguments.add_argument("--samples", type=int, default=256)
    arguments.add_argument("--windows", type=int, default=127)
    arguments.add_argument("--window", type=int, default=512)
    given = arguments.parse_args()
    reader = AutoTokenizer.from_pretrained(given.model)
    rest = given.text.read_text(encoding="utf-8").splitlines(keepends=True)
    given.calibration.write_text(take(reader, rest, given.samples * given.window), encoding="utf-8")
    given.test.write_text(take(reader, rest, given.windows * given.window), encoding="utf-8")
