// Bits of trellis states, and the values of packed tiles: TrellisOps.pack and decodeTiles.
//
// A sequence of S states is a circular stream of S * B bits, B = K * V: state i has the L bits from i * B on, most
// significant first; a word has 16 of them, its first bit the most significant.
//
// pack         words [count x wordsPer] from states [count x steps]. Launch: 256 threads, one word a thread (strided loop).
// decode_tiles tile t of 16 x 16 weights stands at tile row t / across, column t % across of the target. The stream of a
//              tile is whole words. Launch: 256 threads, one tile a block (strided loop), one weight a thread.
// Defined by TrellisPacking and PackedTiles.
#include <stdint.h>

extern "C" __global__ void pack(long long count, int steps, int wordsPer, int stateBits, int stepBits, const int *states,
                                uint16_t *words) {
    long long total = count * wordsPer;
    for (long long e = blockIdx.x * (long long)blockDim.x + threadIdx.x; e < total; e += (long long)gridDim.x * blockDim.x) {
        long long sequence = e / wordsPer;
        int position = (int)(e - sequence * wordsPer) * 16;
        const int *row = states + sequence * steps;
        uint32_t word = 0;
        for (int bit = 0; bit < 16; bit++, position++) {
            int step = position / stepBits;
            uint32_t leading = step < steps ? (uint32_t)row[step] >> (stateBits - stepBits) : 0;
            word = word << 1 | (leading >> (stepBits - 1 - position % stepBits) & 1);
        }
        words[e] = (uint16_t)word;
    }
}

extern "C" __global__ void decode_tiles(long long tiles, int across, int wordsPer, int stateBits, int stepBits, int values,
                                        const float *table, const int *order, const uint16_t *words, float *target,
                                        long long stride) {
    const int weight = threadIdx.x;
    const int place = order[weight]; // of the weight in the sequence
    const int position = place / values * stepBits;
    const int first = position / 16;
    const int second = first + 1 == wordsPer ? 0 : first + 1;
    const int third = second + 1 == wordsPer ? 0 : second + 1;
    const int shift = 48 - position % 16 - stateBits;
    for (long long tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
        const uint16_t *stream = words + tile * wordsPer;
        uint64_t bits = (uint64_t)stream[first] << 32 | (uint64_t)stream[second] << 16 | stream[third];
        uint32_t state = (uint32_t)(bits >> shift) & ((1u << stateBits) - 1);
        long long row = tile / across * 16 + weight / 16;
        long long column = tile % across * 16 + weight % 16;
        target[row * stride + column] = table[state * values + place % values];
    }
}
