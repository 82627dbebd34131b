"""Quantizes with AutoRound or HQQ and measures the perplexity of what they make, on the windows that quipforge has.

    python peers.py autoround|hqq --bits 2|3|4 --model DIR --calibration FILE --test FILE [--group 64] [--device cuda]

AutoRound: asymmetric, 200 steps a block, all else as its default. HQQ needs no text: its defaults, groups along the input. Both leave embedding,
head and norms as they are. Measured are the values that the stored numbers stand for, in float32. Prints a line of JSON; bits
and bytes are counted from the format: per group a 16-bit scale, and a zero point of as many bits as a weight (AutoRound) or of 16 (HQQ).
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import perplexity
import windows

SCALE_BITS = 16
HQQ_ZERO_BITS = 16


def linears(model):
    """The linears inside the blocks, by name."""
    return {name: part for name, part in model.model.named_modules() if isinstance(part, torch.nn.Linear)}


def autoround(model, tokenizer, calibration, given):
    """With values in place of weights."""
    from auto_round import AutoRound

    rounding = AutoRound(
        model,
        tokenizer,
        scheme=f"W{given.bits}A16",
        group_size=given.group,
        sym=False,
        iters=given.steps,
        dataset=[window.unsqueeze(0) for window in calibration],
        nsamples=len(calibration),
        seqlen=calibration.shape[1],
        device_map=given.device,
        seed=given.seed,
    )
    return rounding.quantize()[0]


def hqq(model, given):
    """With values in place of weights."""
    from hqq.core.quantize import BaseQuantizeConfig, HQQLinear

    settings = BaseQuantizeConfig(nbits=given.bits, group_size=given.group)
    for linear in linears(model).values():
        stored = HQQLinear(linear, settings, del_orig=False, compute_dtype=torch.float16, device=given.device)
        linear.weight.data = stored.dequantize().to(linear.weight)
    return model


def sizes(model, weights, bits_per_weight):
    """Bytes of the linears as stored, of the whole model, and bits over all of its parameters."""
    # Tied embeddings occur once in parameters().
    parameters = sum(parameter.numel() for parameter in model.parameters())
    stored = weights * bits_per_weight / 8
    whole = stored + 2 * (parameters - weights)
    return {"linears": round(stored), "quantized": round(whole), "bitsPerParameter": 8 * whole / parameters}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("method", choices=["autoround", "hqq"])
    arguments.add_argument("--bits", type=int, required=True)
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--calibration", type=Path, required=True)
    arguments.add_argument("--test", type=Path, required=True)
    arguments.add_argument("--group", type=int, default=64)
    arguments.add_argument("--steps", type=int, default=200, help="of AutoRound, for every block")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--samples", type=int, default=256, help="windows to calibrate on, at most")
    arguments.add_argument("--window", type=int, default=512, help="tokens of one window")
    arguments.add_argument("--windows", type=int, help="measure the first so many (default: all)")
    arguments.add_argument("--device", default="cpu")
    given = arguments.parse_args()

    reader = AutoTokenizer.from_pretrained(given.model)
    model = AutoModelForCausalLM.from_pretrained(given.model, dtype=torch.bfloat16).to(given.device).eval()
    weights = sum(linear.weight.numel() for linear in linears(model).values())
    begin = time.time()
    if given.method == "autoround":
        text = windows.cut(reader, given.calibration.read_text(encoding="utf-8"), given.window)
        model = autoround(model, reader, windows.sample(text, given.samples), given)
        zero = given.bits
    else:
        model = hqq(model, given)
        zero = HQQ_ZERO_BITS
    seconds = time.time() - begin
    tested = windows.cut(reader, given.test.read_text(encoding="utf-8"), given.window)[: given.windows]
    model = model.float().to(given.device).eval()
    value = perplexity.measure(model, tested, len(windows.prefix(reader)))
    bits_per_weight = given.bits + (SCALE_BITS + zero) / given.group
    result = {
        "method": given.method,
        "bits": given.bits,
        "bitsPerWeight": bits_per_weight,
        **sizes(model, weights, bits_per_weight),
        "perplexity": value,
        "windows": len(tested),
        "seconds": round(seconds, 1),
    }
    sys.stdout.flush()
    print(json.dumps(result))
