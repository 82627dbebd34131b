#!/usr/bin/env bash
# Compiles the kernels to the PTX that is committed as a resource. Needs nvcc of CUDA 12 or 13; the build does not run it.
# The PTX names the oldest language version that has all it uses, so that older drivers take it too.
set -euo pipefail
cd "$(dirname "$0")"
nvcc=${NVCC:-nvcc}
sources=src/main/cuda
out=${1:-src/main/resources/dev/quipforge/cuda/ptx}
mkdir -p "$out"
rm -f "$out"/*.ptx

compile() { # source, ending, architecture, PTX language version, flags
    local target="$out/$1$2"
    "$nvcc" -ptx -arch="compute_$3" -O3 ${5:-} "$sources/$1.cu" -o "$target"
    sed -i -e "s/^\.version .*/.version $4/" -e '/used_bytes_mask/d' -e '/^\/\//d' -e '/^$/d' "$target"
}

for source in "$sources"/*.cu; do
    compile "$(basename "$source" .cu)" .ptx 80 7.8
done
compile viterbi .sm90.ptx 90 8.0 -DQUIPFORGE_DPX

(cd "$sources" && sha256sum -- *) > "$out/sha256"
(cd "$out" && sha256sum -- *.ptx) >> "$out/sha256"
