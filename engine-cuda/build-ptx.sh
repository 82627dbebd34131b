#!/usr/bin/env bash
# Compiles the kernels to the PTX that is committed as a resource. Needs nvcc of CUDA 12 or 13; the build does not run it.
# The PTX names the oldest language version that has all it uses, so that older drivers take it too. The compiler puts a hash of
# the working directory into the names of what a source keeps to itself; it is taken out, so that the PTX is the same everywhere.
set -euo pipefail
cd "$(dirname "$0")"
nvcc=${NVCC:-nvcc}
sources=src/main/cuda
out=${1:-src/main/resources/dev/quipforge/cuda/ptx}
mkdir -p "$out"
rm -f "$out"/*.ptx

for source in "$sources"/*.cu; do
    target="$out/$(basename "$source" .cu).ptx"
    "$nvcc" -ptx -arch=compute_80 -O3 "$source" -o "$target"
    sed -i -e "s/^\.version .*/.version 7.8/" -e '/used_bytes_mask/d' -e '/^\/\//d' -e '/^$/d' \
        -e 's/_INTERNAL_[0-9a-f]\{8\}_/_INTERNAL_00000000_/g' "$target"
done

(cd "$sources" && sha256sum -- *) > "$out/sha256"
(cd "$out" && sha256sum -- *.ptx) >> "$out/sha256"
