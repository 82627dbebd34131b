// HYB with a table of its own: TrellisOps.decodeTiles with a table, and its gradient, GradientOps.addTable.
//
// Tile t of 16 x 16 weights stands at tile row t / across, column t % across. Its stream of 16-bit words is a circle; state i
// has the L bits from i * B on, B = 2 K, most significant first, and makes weights 2 i and 2 i + 1 of the tile, row by row: of the
// hash s (s + 1), bit 15 is the sign of the first and the Q bits below pick the row of the table.
//
// Gradients are summed as integers, so that the order of the atomic additions changes no bit. A power of two of the largest
// magnitude makes them integers of at most `fraction` bits, with which the sum of all weights fits into 63.
//
// Shapes   words [tiles x wordsPer], table, result [2^rowBits x 2], weights, gradient [16 down x 16 across]; largest: the bits
//          of the largest magnitude of the gradient; sums [2^rowBits x 2], zero.
// Launch   decode_pairs, sum_pairs: multiples of 128 threads, one pair of weights a thread (strided loop over tiles); sum_pairs with
//          16 bytes of dynamic shared memory a row of the table and inShared = 1, or without any and inShared = 0.
//          add_pairs: one thread an entry.
// Defined by ScalarTrellisOps.decodeTiles, ScalarGradientOps.addTable.
#include <stdint.h>

typedef unsigned long long sum_t;

struct Tiles {
    long long count;
    int across;
    int wordsPer;
    int stateBits;
    int stepBits;
    const uint16_t *words;
};

// s (s + 1) of state `pair` of a tile.
static __device__ __forceinline__ uint32_t hash_of(const Tiles &tiles, long long tile, int pair) {
    const uint16_t *stream = tiles.words + tile * tiles.wordsPer;
    const int position = pair * tiles.stepBits;
    const int first = position / 16;
    const int second = first + 1 == tiles.wordsPer ? 0 : first + 1;
    const int third = second + 1 == tiles.wordsPer ? 0 : second + 1;
    const uint64_t bits = (uint64_t)stream[first] << 32 | (uint64_t)stream[second] << 16 | stream[third];
    const uint32_t state = (uint32_t)(bits >> (48 - position % 16 - tiles.stateBits)) & ((1u << tiles.stateBits) - 1);
    return state * (state + 1);
}

static __device__ __forceinline__ uint32_t row_of(uint32_t hash, int rowBits) {
    return hash >> (15 - rowBits) & ((1u << rowBits) - 1);
}

// Where the first of a pair of weights is.
static __device__ __forceinline__ long long place_of(const Tiles &tiles, long long tile, int pair, long long stride) {
    return (tile / tiles.across * 16 + pair / 8) * stride + tile % tiles.across * 16 + pair % 8 * 2;
}

extern "C" __global__ void decode_pairs(long long count, int across, int wordsPer, int stateBits, int stepBits, int rowBits,
                                        const uint16_t *words, const float *table, long long tableStride, float *weights,
                                        long long stride) {
    const Tiles tiles = {count, across, wordsPer, stateBits, stepBits, words};
    const int pair = threadIdx.x % 128;
    const int together = blockDim.x / 128;
    for (long long tile = (long long)blockIdx.x * together + threadIdx.x / 128; tile < count;
         tile += (long long)gridDim.x * together) {
        const uint32_t hash = hash_of(tiles, tile, pair);
        const float *from = table + row_of(hash, rowBits) * tableStride;
        float *to = weights + place_of(tiles, tile, pair, stride);
        to[0] = hash & 0x8000u ? -from[0] : from[0];
        to[1] = from[1];
    }
}

// The exponent e with largest < 2^e; 0 of zero.
static __device__ __forceinline__ int exponent_of(float largest) {
    int exponent = 0;
    frexp((double)largest, &exponent);
    return exponent;
}

extern "C" __global__ void sum_pairs(long long count, int across, int wordsPer, int stateBits, int stepBits, int rowBits,
                                     const uint16_t *words, const float *gradient, long long stride, const int *largest,
                                     int fraction, int inShared, sum_t *sums) {
    extern __shared__ sum_t own[];
    const Tiles tiles = {count, across, wordsPer, stateBits, stepBits, words};
    const float most = __int_as_float(*largest);
    if (!(most > 0) || isinf(most)) {
        return; // nothing to add, or nothing that can be: all threads see the same
    }
    const double scale = ldexp(1.0, fraction - exponent_of(most));
    const int entries = 2 << rowBits;
    sum_t *target = inShared ? own : sums;
    for (int i = threadIdx.x; inShared && i < entries; i += blockDim.x) {
        own[i] = 0;
    }
    __syncthreads();
    const int pair = threadIdx.x % 128;
    const int together = blockDim.x / 128;
    for (long long tile = (long long)blockIdx.x * together + threadIdx.x / 128; tile < count;
         tile += (long long)gridDim.x * together) {
        const uint32_t hash = hash_of(tiles, tile, pair);
        const float *from = gradient + place_of(tiles, tile, pair, stride);
        const float first = hash & 0x8000u ? -from[0] : from[0];
        sum_t *to = target + 2 * row_of(hash, rowBits);
        atomicAdd(to, (sum_t)__double2ll_rn(first * scale));
        atomicAdd(to + 1, (sum_t)__double2ll_rn(from[1] * scale));
    }
    __syncthreads();
    for (int i = threadIdx.x; inShared && i < entries; i += blockDim.x) {
        if (own[i] != 0) {
            atomicAdd(sums + i, own[i]);
        }
    }
}

// A largest magnitude that is no finite number makes the whole result NaN.
extern "C" __global__ void add_pairs(int entries, const int *largest, int fraction, const sum_t *sums, float *result,
                                     long long stride) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= entries) {
        return;
    }
    const float most = __int_as_float(*largest);
    const double sum = (double)(long long)sums[i] * ldexp(1.0, exponent_of(most) - fraction);
    float *to = result + i / 2 * stride + i % 2;
    *to = isfinite(most) ? (float)(*to + sum) : __int_as_float(0x7fffffff);
}
