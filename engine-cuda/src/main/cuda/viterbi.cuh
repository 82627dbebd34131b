// What the Viterbi searches in a bitshift trellis of 2^16 states have in common, viterbi.cu and viterbi_many.cu: two sequences a
// block, costs in fp16, and the way back.
//
// A state s is emitted with a new low end of B = K * V bits a step; its low G = 16 - B bits g are its group, the part that the
// next state keeps. cost(g) = min over the 2^B states s = d * 2^G + g of cost(s >> B) + |table[s] - x|^2 (QTIP, section 3).
//
// forward  costs of all groups, step by step; the lanes of a half2 are the two sequences, so that every operation is a packed
//          one and the table needs one register for two values. No choices are stored: every R steps the costs are, and
//          `traceback` searches the 2^(B * R) ways between them. Costs are made relative to their minimum every 16 steps.
// traceback  Launch: one block of one warp a sequence.
//
// Shapes   sequences [count x steps * V], table16 [65536 x V] in fp16, table [65536 x V] in fp32,
//          checkpoints [pairs x slots x 2^G] of half2; slot k holds the costs before step to - (k + 1) * R, and the last
//          slot those before step recordFrom. Steps count on beyond the end of the sequence and wrap around.
//          start: group before the first step, for every sequence, or null when it is free. end: group of least cost.
// Defined by ScalarTrellisOps.encode.
#pragma once
#include <cuda_fp16.h>
#include <stdint.h>

static __device__ __forceinline__ half2 as_half2(uint32_t v) { return *reinterpret_cast<half2 *>(&v); }
static __device__ __forceinline__ uint32_t as_word(half2 v) { return *reinterpret_cast<uint32_t *>(&v); }

static __device__ __forceinline__ half2 min3(half2 a, half2 b, half2 c) { return __hmin2(__hmin2(a, b), c); }

// Smaller of all lanes of a warp.
static __device__ __forceinline__ half2 warp_min(half2 value) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        value = __hmin2(value, as_half2(__shfl_xor_sync(~0u, as_word(value), offset)));
    }
    return value;
}

// A pair of sequences, in fp16 and no further outside the code than `limit`; the last may be alone, and then is there twice.
static __device__ __forceinline__ void load_pair(const float *sequences, long long stride, int a, int b, int length,
                                                 float limit, half2 *scalars) {
    for (int i = threadIdx.x; i < length; i += 1024) {
        float xa = fminf(fmaxf(sequences[a * stride + i], -limit), limit);
        float xb = fminf(fmaxf(sequences[b * stride + i], -limit), limit);
        scalars[i] = __floats2half2_rn(xa, xb);
    }
}

// The costs of all groups before the first step, in `words` words; place(group) is where that of a group is. All threads have
// passed a barrier when it returns.
template <typename Place>
static __device__ __forceinline__ void start_costs(uint32_t *costs, int words, const int *start, int a, int b,
                                                   Place place) {
    uint32_t first = start ? 0x7bff7bffu : 0u;
    for (int v = threadIdx.x; v < words / 4; v += 1024) {
        ((uint4 *)costs)[v] = make_uint4(first, first, first, first);
    }
    __syncthreads();
    if (start && threadIdx.x == 0) {
        ((__half *)costs)[2 * place(start[a])] = __float2half(0);
        ((__half *)costs)[2 * place(start[b]) + 1] = __float2half(0);
    }
    __syncthreads();
}

// Stores the first of the groups of least cost, for both sequences. All threads of the block take part.
template <typename Place>
static __device__ __forceinline__ void store_ends(const uint32_t *costs, int groups, int *end, int a, int b, Place place) {
    __shared__ uint32_t keys[2][32];
    uint32_t keyA = ~0u;
    uint32_t keyB = ~0u;
    for (int g = threadIdx.x; g < groups; g += 1024) {
        uint32_t word = costs[place(g)];
        keyA = min(keyA, word << 16 | g);
        keyB = min(keyB, (word & 0xffff0000u) | g);
    }
    keyA = __reduce_min_sync(~0u, keyA);
    keyB = __reduce_min_sync(~0u, keyB);
    if ((threadIdx.x & 31) == 0) {
        keys[0][threadIdx.x >> 5] = keyA;
        keys[1][threadIdx.x >> 5] = keyB;
    }
    __syncthreads();
    if (threadIdx.x < 32) {
        keyA = __reduce_min_sync(~0u, keys[0][threadIdx.x]);
        keyB = __reduce_min_sync(~0u, keys[1][threadIdx.x]);
        if (threadIdx.x == 0) {
            end[a] = keyA & 0xffff;
            end[b] = b == a ? keyA & 0xffff : keyB & 0xffff;
        }
    }
}

// What is known of the way back from a group: the best of the ways over some steps.
struct Way {
    float cost;
    uint32_t branches; // B bits a step, the last step lowest
};

template <int V> static __device__ __forceinline__ float distance(const float *table, uint32_t state, const float *x) {
    float sum = 0;
#pragma unroll
    for (int v = 0; v < V; v++) {
        float difference = table[state * V + v] - x[v];
        sum = fmaf(difference, difference, sum);
    }
    return sum;
}

// The best of the 2^(B * N) ways over N steps that end in `group` before step t; a lane looks at every 32nd. The costs
// before them are the sequence's lane of `slot`, or with `only` >= 0 zero for that group and infinite for the others.
template <int B, int V, int N>
static __device__ __forceinline__ Way best_way(const float *table, const float *x, const half2 *slot, bool high,
                                               int only, uint32_t group, int lane) {
    constexpr int G = 16 - B;
    constexpr int WAYS = 1 << (B * N);
    constexpr int OWN = WAYS > 32 ? WAYS / 32 : 1;
    const uint32_t first = (lane % (WAYS < 32 ? WAYS : 32)) << G | group;
    float before[OWN], last[OWN], common = 0;
#pragma unroll
    for (int k = 0; k < OWN; k++) {
        uint32_t bits = first + ((uint32_t)k << (G + 5));
        uint32_t from = bits >> (B * N);
        if (only >= 0) {
            before[k] = from == (uint32_t)only ? 0 : 1e30f;
        } else {
            half2 pair = slot[from];
            before[k] = __half2float(high ? __high2half(pair) : __low2half(pair));
        }
        last[k] = 0;
#pragma unroll
        for (int q = 0; q < N; q++) {
            if (B * (q + 1) > 5) { // else the state is the same for all of this lane's ways
                last[k] += distance<V>(table, bits >> (B * q) & 0xffff, x + q * V);
            }
        }
    }
#pragma unroll
    for (int q = 0; q < N; q++) {
        if (B * (q + 1) <= 5) {
            common += distance<V>(table, first >> (B * q) & 0xffff, x + q * V);
        }
    }
    Way best = {__int_as_float(0x7f800000), 0};
#pragma unroll
    for (int k = 0; k < OWN; k++) {
        float cost = before[k] + last[k] + common;
        if (cost < best.cost) {
            best = {cost, (first >> G) + 32 * k};
        }
    }
    uint32_t least = __reduce_min_sync(~0u, __float_as_uint(best.cost));
    best.branches = __reduce_min_sync(~0u, __float_as_uint(best.cost) == least ? best.branches : ~0u);
    return best;
}

template <int B, int V, int R>
static __device__ __forceinline__ void traceback(const float *table, const float *sequences, long long stride,
                                                 int count, int steps, int to, int stop, const int *start,
                                                 const half2 *checkpoints, int slots, const int *endGroups,
                                                 int *stopGroups, int *states) {
    constexpr int G = 16 - B;
    const int lane = threadIdx.x;
    const int sequence = blockIdx.x;
    const half2 *slot = checkpoints + ((long long)(sequence / 2) * slots << G);
    const float *row = sequences + sequence * stride;
    const int only = start ? start[sequence] : -1;
    uint32_t group = endGroups[sequence];
    float x[R * V];
    for (int t = to; t > stop; slot += 1 << G) {
        const int n = min(R, t - stop);
#pragma unroll
        for (int q = 0; q < R; q++) {
            int step = t - 1 - q;
            step = step >= steps ? step - steps : step;
#pragma unroll
            for (int v = 0; v < V; v++) {
                x[q * V + v] = q < n ? row[step * V + v] : 0;
            }
        }
        const int constraint = t - n == stop ? only : -1;
        Way way;
        if (n == R) {
            way = best_way<B, V, R>(table, x, slot, sequence & 1, constraint, group, lane);
        } else if (n == 2) {
            way = best_way<B, V, (R > 2 ? 2 : 1)>(table, x, slot, sequence & 1, constraint, group, lane);
        } else {
            way = best_way<B, V, 1>(table, x, slot, sequence & 1, constraint, group, lane);
        }
        uint32_t bits = way.branches << G | group;
        if (states && lane < n) {
            int step = t - 1 - lane;
            states[(long long)sequence * steps + (step >= steps ? step - steps : step)] = bits >> (B * lane) & 0xffff;
        }
        group = bits >> (B * n);
        t -= n;
    }
    if (stopGroups && lane == 0) {
        stopGroups[sequence] = group;
    }
}

// The kernels of one search; the file that uses it has a `forward`. Suffix: bits a step, weights a step. R: steps between
// checkpoints, at most 3.
#define VITERBI(SUFFIX, B, V, R)                                                                                      \
    extern "C" __global__ void __launch_bounds__(1024, 1) forward_##SUFFIX(                                            \
        const __half *table, const float *sequences, long long stride, int count, int steps, int from, int to,         \
        int recordFrom, float limit, const int *start, uint4 *checkpoints, int slots, int *end) {                      \
        forward<B, V, R>(table, sequences, stride, count, steps, from, to, recordFrom, limit, start, checkpoints,      \
                         slots, end);                                                                                  \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(32) traceback_##SUFFIX(                                              \
        const float *table, const float *sequences, long long stride, int count, int steps, int to, int stop,          \
        const int *start, const half2 *checkpoints, int slots, const int *endGroups, int *stopGroups, int *states) {   \
        traceback<B, V, R>(table, sequences, stride, count, steps, to, stop, start, checkpoints, slots, endGroups,     \
                           stopGroups, states);                                                                        \
    }
