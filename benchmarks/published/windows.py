"""Windows of tokens, cut as `quipforge perplexity` and `quipforge quantize` cut them."""

import torch


def prefix(tokenizer):
    """The special tokens that the tokenizer puts before every text."""
    bare = tokenizer.encode("a", add_special_tokens=False)
    whole = tokenizer.encode("a")
    begin = next(i for i in range(len(whole)) if whole[i : i + len(bare)] == bare)
    return whole[:begin]


def cut(tokenizer, text, length):
    """The text, tokenized as one string, in parts behind the prefix that together have `length` tokens: [windows × length]."""
    first = prefix(tokenizer)
    part = length - len(first)
    ids = tokenizer.encode(text, add_special_tokens=False)
    count = len(ids) // part
    if count == 0:
        raise SystemExit(f"text: {len(ids)} tokens (expected: at least one window of {part})")
    return torch.tensor([first + ids[i * part : (i + 1) * part] for i in range(count)])


def sample(windows, count):
    """At most `count` of the windows, evenly from all of them."""
    taken = min(count, len(windows))
    return windows[[i * len(windows) // taken for i in range(taken)]]
