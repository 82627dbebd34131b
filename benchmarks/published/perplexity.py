"""Perplexity of a Hugging Face directory in Transformers, on the windows of `quipforge perplexity`, in float32.

    python perplexity.py --model DIR --text FILE [--window 512] [--windows N] [--device cuda]

Prints a line of JSON.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import windows

BATCH = 8


@torch.no_grad()
def measure(model, ids, special):
    """exp of the mean negative log-likelihood of each window's tokens but the first, or but the `special` ones before them."""
    first = max(special, 1)
    total = torch.zeros((), dtype=torch.float64)
    for batch in ids.split(BATCH):
        batch = batch.to(model.device)
        logits = model(batch).logits[:, first - 1 : -1].float()
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, first:].flatten(), reduction="none")
        total += loss.double().sum().cpu()
    return math.exp(total / (len(ids) * (ids.shape[1] - first)))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--text", type=Path, required=True)
    arguments.add_argument("--window", type=int, default=512, help="tokens of one window")
    arguments.add_argument("--windows", type=int, help="the first so many (default: all)")
    arguments.add_argument("--device", default="cpu")
    given = arguments.parse_args()
    begin = time.time()
    reader = AutoTokenizer.from_pretrained(given.model)
    cut = windows.cut(reader, given.text.read_text(encoding="utf-8"), given.window)[: given.windows]
    decoder = AutoModelForCausalLM.from_pretrained(given.model, dtype=torch.float32).to(given.device).eval()
    value = measure(decoder, cut, len(windows.prefix(reader)))
    print(json.dumps({"perplexity": value, "windows": len(cut), "seconds": round(time.time() - begin, 1)}))
