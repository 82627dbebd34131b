"""Quantizes a model with quipforge and with its peers, measures all on the same windows of a text, and prints one table.

    python measure.py --model DIR --calibration FILE --test FILE --work DIR [--device cuda] [--parallel 3] [--only quipforge,tuned]

Every measurement is one process and adds one line to results.jsonl in the working folder; what stands there already is not measured again, so a
call that was interrupted, or that had a part of it with --only, is continued by the next.
"""

import argparse
import json
import shlex
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
QUIPFORGE = HERE.parent.parent / "quipforge"
WIDTHS = [2, 3, 4]
KINDS = ["transformers", "original", "quipforge", "tuned", "autoround", "hqq"]
TITLES = {
    "transformers": "original, in Transformers",
    "original": "original, in quipforge",
    "quipforge": "quipforge",
    "tuned": "quipforge, tuned by blocks and end to end",
    "autoround": "AutoRound",
    "hqq": "HQQ",
}


def call(command):
    """What the program printed last, as JSON; its errors go where ours do."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(map(str, command))}: status {done.returncode}, {done.stdout.strip()[-500:]}")
    return done.stdout


class Measurement:
    """One row: a kind and a width, which is 16 for the original."""

    def __init__(self, kind, bits, given):
        self.kind = kind
        self.bits = bits
        self.given = given

    @property
    def key(self):
        return self.kind, self.bits

    def quipforge(self, *words):
        device = ["--device", self.given.device] if self.given.device != "cpu" else []
        return json.loads(call([*shlex.split(self.given.quipforge), *words, *device, "--json"]))

    def perplexity(self, model):
        return self.quipforge("perplexity", "--model", model, "--text", self.given.test, "--window", self.given.window)

    def python(self, script, *words):
        common = ["--model", self.given.model, "--test" if script == "peers.py" else "--text", self.given.test]
        printed = call([sys.executable, HERE / script, *words, *common, "--window", self.given.window, "--device", self.given.device])
        return json.loads(printed.splitlines()[-1])

    def run(self):
        begin = time.time()
        if self.kind == "transformers":
            row = self.python("perplexity.py")
        elif self.kind == "original":
            row = {"perplexity": self.perplexity(self.given.model)["perplexity"], "seconds": time.time() - begin}
        elif self.kind in ("quipforge", "tuned"):
            row = self.quantized(begin)
        else:
            words = ["--bits", self.bits, "--calibration", self.given.calibration, "--samples", self.given.samples]
            row = self.python("peers.py", self.kind, *words)
        return {**row, "kind": self.kind, "bits": self.bits}

    def quantized(self, begin):
        out = self.given.work / f"{self.kind}-{self.bits}"
        tuning = ["--tuning", "blocks+end-to-end"] if self.kind == "tuned" else []
        report = self.quipforge(
            "quantize", "--model", self.given.model, "--out", out, "--bits", self.bits, "--seed", self.given.seed,
            "--calibration", self.given.calibration, "--samples", self.given.samples, "--context", self.given.window, *tuning,
        )  # fmt: skip
        seconds = time.time() - begin
        return {
            "bitsPerWeight": report["bitsPerWeight"],
            "linears": report["bytes"]["linears"],
            "quantized": report["bytes"]["quantized"],
            "bitsPerParameter": report["bitsPerParameter"],
            "perplexity": self.perplexity(out)["perplexity"],
            "seconds": seconds,
        }


def table(rows):
    """Markdown, in the order of the kinds."""
    lines = ["| | bits per weight of the linears | bits per parameter of the whole | MB, linears + others | perplexity | seconds |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for row in sorted(rows, key=lambda row: (KINDS.index(row["kind"]), row["bits"])):
        title = TITLES[row["kind"]] + (f", {row['bits']} bits" if "bitsPerWeight" in row else "")
        size = ["16", "16", ""]
        if "bitsPerWeight" in row:
            others = row["quantized"] - row["linears"]
            size = [f"{row['bitsPerWeight']:.3f}", f"{row['bitsPerParameter']:.3f}", f"{row['linears'] / 1e6:.1f} + {others / 1e6:.1f}"]
        lines.append(f"| {title} | {' | '.join(size)} | {row['perplexity']:.3f} | {row['seconds']:.0f} |")
    return "\n".join(lines)


def read(results):
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, required=True, help="a Hugging Face directory")
    arguments.add_argument("--calibration", type=Path, required=True)
    arguments.add_argument("--test", type=Path, required=True)
    arguments.add_argument("--work", type=Path, required=True, help="folder for checkpoints and results.jsonl")
    arguments.add_argument("--samples", type=int, default=256, help="windows to calibrate on, at most")
    arguments.add_argument("--window", type=int, default=512, help="tokens of one window")
    arguments.add_argument("--bits", type=lambda text: [int(part) for part in text.split(",")], default=WIDTHS)
    arguments.add_argument("--only", type=lambda text: text.split(","), default=KINDS, help=",".join(KINDS))
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments.add_argument("--parallel", type=int, default=1, help="measurements at once; their times are then not their own")
    arguments.add_argument("--quipforge", default=str(QUIPFORGE), help="the command")
    given = arguments.parse_args()
    unknown = set(given.only) - set(KINDS)
    if unknown:
        arguments.error(f"--only: {', '.join(sorted(unknown))} (expected: of {', '.join(KINDS)})")

    given.work.mkdir(parents=True, exist_ok=True)
    results = given.work / "results.jsonl"
    have = {(row["kind"], row["bits"]) for row in read(results)}
    wanted = [
        Measurement(kind, bits, given)
        for kind in given.only
        for bits in ([16] if kind in ("transformers", "original") else given.bits)
    ]
    lock = threading.Lock()

    def measure(measurement):
        row = measurement.run()
        with lock, results.open("a") as file:
            file.write(json.dumps(row) + "\n")
            print(json.dumps(row), file=sys.stderr, flush=True)

    failed = 0
    with ThreadPoolExecutor(given.parallel) as pool:
        for future in [pool.submit(measure, one) for one in wanted if one.key not in have]:
            try:
                future.result()
            except RuntimeError as problem:
                failed += 1
                print(problem, file=sys.stderr, flush=True)
    print(table(read(results)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
