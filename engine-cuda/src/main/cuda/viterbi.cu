// Viterbi search in a bitshift trellis of 2^16 states, two sequences a block: TrellisOps.encode.
//
// A state s is emitted with a new low end of B = K * V bits a step; its low G = 16 - B bits g are its group, the part that the
// next state keeps. cost(g) = min over the 2^B states s = d * 2^G + g of cost(s >> B) + |table[s] - x|^2 (QTIP, section 3).
//
// forward  costs of all groups, step by step, in fp16; the lanes of a half2 are the two sequences, so that every operation is
//          a packed one and the table needs one register for two states. A thread owns the same 64 states in every step
//          and keeps their code values in registers for all steps and sequences (V = 2: half of them in shared memory).
//          No choices are stored: every R steps the costs are, and `traceback` searches the 2^(B * R) ways between them.
//          Costs are made relative to their minimum every 16 steps.
//          Launch: 1024 threads, one block a multiprocessor, which loops over pairs of sequences. Dynamic shared memory:
//          two buffers of 2^G words, half the table for V = 2, then a word for every scalar of the sequence.
// traceback  Launch: one block of one warp a sequence.
//
// Shapes   sequences [count x steps * V], table16 [65536 x V] in fp16, table [65536 x V] in fp32,
//          checkpoints [pairs x slots x 2^G] of half2; slot k holds the costs before step to - (k + 1) * R, and the last
//          slot those before step recordFrom. Steps count on beyond the end of the sequence and wrap around.
//          start: group before the first step, for every sequence, or null when it is free. end: group of least cost.
// Defined by ScalarTrellisOps.encode.
#include <cuda_fp16.h>
#include <stdint.h>

static __device__ __forceinline__ half2 as_half2(uint32_t v) { return *reinterpret_cast<half2 *>(&v); }
static __device__ __forceinline__ uint32_t as_word(half2 v) { return *reinterpret_cast<uint32_t *>(&v); }

static __device__ __forceinline__ half2 min3(half2 a, half2 b, half2 c) { return __hmin2(__hmin2(a, b), c); }

template <int B> struct Geometry {
    static constexpr int G = 16 - B;
    static constexpr int GROUPS = 1 << G;
    static constexpr int OWN = GROUPS / 1024; // groups of one thread, consecutive
    static constexpr int BRANCHES = 1 << B;
    static constexpr int VECTORS = OWN / 4;
    // Where the four costs from 4 * vector are: loads of consecutive vectors and stores of every VECTORS-th one are both
    // free of bank conflicts.
    static __device__ __forceinline__ int place(int vector) { return vector ^ ((vector >> 3) & (VECTORS - 1)); }
};

// Code values of a thread's states.
template <int B, int V> struct Codes;

template <int B> struct Codes<B, 1> {
    using Shape = Geometry<B>;
    half2 values[Shape::BRANCHES][Shape::OWN / 2];

    __device__ __forceinline__ void fill(const __half *table, uint4 *) {
#pragma unroll
        for (int d = 0; d < Shape::BRANCHES; d++) {
#pragma unroll
            for (int j = 0; j < Shape::OWN / 2; j++) {
                values[d][j] = *(const half2 *)&table[(d << Shape::G) + Shape::OWN * threadIdx.x + 2 * j];
            }
        }
    }
    // previous + squared distance of the state of branch d and own group j
    __device__ __forceinline__ half2 cost(int d, int j, const half2 *x, half2 previous) const {
        half2 code = values[d][j / 2];
        half2 difference = __hsub2(j & 1 ? __high2half2(code) : __low2half2(code), x[0]);
        return __hfma2(difference, difference, previous);
    }
    __device__ __forceinline__ void prepare(int) {}
};

template <int B> struct Codes<B, 2> {
    using Shape = Geometry<B>;
    static constexpr int HELD = Shape::BRANCHES / 2;
    half2 values[HELD][Shape::OWN];
    half2 fetched[2][Shape::OWN]; // of an even branch and the next
    const uint4 *shared;

    __device__ __forceinline__ void fill(const __half *table, uint4 *place) {
        static_assert(Shape::OWN == 4, "one vector of groups a thread");
        const half2 *pairs = (const half2 *)table;
        shared = place;
#pragma unroll
        for (int d = 0; d < Shape::BRANCHES; d++) {
            uint4 four = *(const uint4 *)&pairs[(d << Shape::G) + 4 * threadIdx.x];
            if (d < HELD) {
                values[d][0] = as_half2(four.x);
                values[d][1] = as_half2(four.y);
                values[d][2] = as_half2(four.z);
                values[d][3] = as_half2(four.w);
            } else {
                place[(d - HELD) * 1024 + threadIdx.x] = four;
            }
        }
    }
    __device__ __forceinline__ half2 cost(int d, int j, const half2 *x, half2 previous) const {
        half2 code = d < HELD ? values[d < HELD ? d : 0][j] : fetched[d & 1][j];
        half2 first = __hsub2(__low2half2(code), x[0]);
        half2 second = __hsub2(__high2half2(code), x[1]);
        return __hfma2(second, second, __hfma2(first, first, previous));
    }
    __device__ __forceinline__ void prepare(int d) {
        if (d >= HELD) {
            uint4 four = shared[(d - HELD) * 1024 + threadIdx.x];
            fetched[d & 1][0] = as_half2(four.x);
            fetched[d & 1][1] = as_half2(four.y);
            fetched[d & 1][2] = as_half2(four.z);
            fetched[d & 1][3] = as_half2(four.w);
        }
    }
};

// Costs of the groups that lead into a thread's own groups; one word of a branch for every run of 2^B groups. With few
// branches all are loaded first, with many each when it is needed.
template <int B> struct Previous {
    using Shape = Geometry<B>;
    static constexpr int RUNS = B == 2 ? 4 : 1;
    static constexpr bool EARLY = B < 4;
    half2 costs[EARLY ? Shape::BRANCHES : 1][RUNS];
    const uint32_t *buffer;

    __device__ __forceinline__ void load(const uint32_t *from) {
        buffer = from;
        if constexpr (EARLY) {
#pragma unroll
            for (int d = 0; d < Shape::BRANCHES; d++) {
                if constexpr (RUNS == 4) {
                    uint4 four = *(const uint4 *)word(d);
                    costs[d][0] = as_half2(four.x);
                    costs[d][1] = as_half2(four.y);
                    costs[d][2] = as_half2(four.z);
                    costs[d][3] = as_half2(four.w);
                } else {
                    costs[d][0] = as_half2(*word(d));
                }
            }
        }
    }
    __device__ __forceinline__ const uint32_t *word(int d) const {
        int first = (d << (Shape::G - B)) + (Shape::OWN * threadIdx.x >> B);
        return &buffer[4 * Shape::place(first / 4) + first % 4];
    }
    __device__ __forceinline__ uint4 vector(int d) const {
        constexpr int LAST = RUNS - 1;
        return make_uint4(as_word(costs[d][0]), as_word(costs[d][LAST / 3]), as_word(costs[d][2 * LAST / 3]),
                          as_word(costs[d][LAST]));
    }
    __device__ __forceinline__ half2 cost(int d, int j) const {
        if constexpr (EARLY) {
            return costs[d][j >> B];
        } else {
            return as_half2(*word(d));
        }
    }
};

// The least costs of own groups 4q to 4q + 3.
template <int B, int V>
static __device__ __forceinline__ void step(Codes<B, V> &codes, const Previous<B> &previous, const half2 *x, int q,
                                            half2 (&least)[4]) {
#pragma unroll
    for (int d = 0; d < Geometry<B>::BRANCHES; d += 2) {
        codes.prepare(d);
        codes.prepare(d + 1);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            int j = 4 * q + k;
            half2 first = codes.cost(d, j, x, previous.cost(d, j));
            half2 second = codes.cost(d + 1, j, x, previous.cost(d + 1, j));
            least[k] = d == 0 ? __hmin2(first, second) : min3(least[k], first, second);
        }
    }
}

// Smaller of all lanes of a warp.
static __device__ __forceinline__ half2 warp_min(half2 value) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        value = __hmin2(value, as_half2(__shfl_xor_sync(~0u, as_word(value), offset)));
    }
    return value;
}

template <int B, int V, int R>
static __device__ __forceinline__ void forward(const __half *table, const float *sequences, long long stride, int count,
                                               int steps, int from, int to, int recordFrom, float limit,
                                               const int *start, uint4 *checkpoints, int slots, int *end) {
    using Shape = Geometry<B>;
    extern __shared__ __align__(16) uint32_t shared[];
    __shared__ half2 minima[32];
    uint32_t *costs = shared;
    uint4 *codePlace = (uint4 *)(shared + 2 * Shape::GROUPS);
    half2 *scalars = (half2 *)(shared + 2 * Shape::GROUPS + (V == 2 ? 32768 : 0));
    const int tid = threadIdx.x;
    Codes<B, V> codes;
    codes.fill(table, codePlace);
    for (int pair = blockIdx.x; pair < (count + 1) / 2; pair += gridDim.x) {
        const int a = 2 * pair;
        const int b = min(2 * pair + 1, count - 1);
        for (int i = tid; i < steps * V; i += 1024) {
            float xa = fminf(fmaxf(sequences[a * stride + i], -limit), limit);
            float xb = fminf(fmaxf(sequences[b * stride + i], -limit), limit);
            scalars[i] = __floats2half2_rn(xa, xb);
        }
        uint32_t first = start ? 0x7bff7bffu : 0u;
        for (int v = tid; v < Shape::GROUPS / 4; v += 1024) {
            ((uint4 *)costs)[v] = make_uint4(first, first, first, first);
        }
        __syncthreads();
        if (start && tid == 0) {
            int ga = start[a];
            int gb = start[b];
            ((__half *)costs)[2 * (4 * Shape::place(ga / 4) + ga % 4)] = __float2half(0);
            ((__half *)costs)[2 * (4 * Shape::place(gb / 4) + gb % 4) + 1] = __float2half(0);
        }
        __syncthreads();
        int current = 0;
        for (int i = from; i < to; i++) {
            const half2 *x = scalars + (i >= steps ? i - steps : i) * V;
            half2 values[V];
#pragma unroll
            for (int v = 0; v < V; v++) {
                values[v] = x[v];
            }
            Previous<B> previous;
            previous.load(costs + current * Shape::GROUPS);
            const bool relative = (i & 15) == 0 && i > from;
            const half2 base = relative ? warp_min(minima[tid & 31]) : as_half2(0);
            half2 smallest = as_half2(0x7c007c00);
            // With few branches what was just loaded is recorded, whose rows follow each other; else what is computed.
            const int time = Previous<B>::RUNS == 4 ? i : i + 1;
            const int left = to - time;
            const bool boundary = time == recordFrom;
            const bool record = left > 0 && time > from && time >= recordFrom && (left % R == 0 || boundary);
            uint4 *next = (uint4 *)(costs + (current ^ 1) * Shape::GROUPS);
            uint4 *target = checkpoints + (Previous<B>::RUNS == 4 ? 1 : Shape::VECTORS) * tid +
                            ((long long)pair * slots + (boundary ? slots - 1 : left / R - 1)) * (Shape::GROUPS / 4);
            if constexpr (Previous<B>::RUNS == 4) {
                if (record) {
#pragma unroll
                    for (int d = 0; d < Shape::BRANCHES; d++) {
                        __stcs(target + d * 1024, previous.vector(d));
                    }
                }
            }
#pragma unroll
            for (int q = 0; q < Shape::VECTORS; q++) {
                half2 least[4];
                step<B, V>(codes, previous, values, q, least);
                if (relative) {
#pragma unroll
                    for (int k = 0; k < 4; k++) {
                        least[k] = __hsub2(least[k], base);
                    }
                }
                if ((i & 15) == 15) {
                    smallest = __hmin2(min3(smallest, least[0], least[1]), __hmin2(least[2], least[3]));
                }
                uint4 four =
                    make_uint4(as_word(least[0]), as_word(least[1]), as_word(least[2]), as_word(least[3]));
                next[Shape::place(Shape::VECTORS * tid + q)] = four;
                if (Previous<B>::RUNS != 4 && record) {
                    __stcs(target + q, four);
                }
            }
            if ((i & 15) == 15) {
                smallest = warp_min(smallest);
                if ((tid & 31) == 0) {
                    minima[tid >> 5] = smallest;
                }
            }
            current ^= 1;
            __syncthreads();
        }
        if (end) {
            __shared__ uint32_t keys[2][32];
            uint32_t keyA = ~0u;
            uint32_t keyB = ~0u;
            for (int g = tid; g < Shape::GROUPS; g += 1024) {
                uint32_t word = costs[current * Shape::GROUPS + 4 * Shape::place(g / 4) + g % 4];
                keyA = min(keyA, word << 16 | g);
                keyB = min(keyB, (word & 0xffff0000u) | g);
            }
            keyA = __reduce_min_sync(~0u, keyA);
            keyB = __reduce_min_sync(~0u, keyB);
            if ((tid & 31) == 0) {
                keys[0][tid >> 5] = keyA;
                keys[1][tid >> 5] = keyB;
            }
            __syncthreads();
            if (tid < 32) {
                keyA = __reduce_min_sync(~0u, keys[0][tid]);
                keyB = __reduce_min_sync(~0u, keys[1][tid]);
                if (tid == 0) {
                    end[a] = keyA & 0xffff;
                    end[b] = b == a ? keyA & 0xffff : keyB & 0xffff;
                }
            }
        }
        __syncthreads();
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
    constexpr int G = Geometry<B>::G;
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
    using Shape = Geometry<B>;
    const int lane = threadIdx.x;
    const int sequence = blockIdx.x;
    const half2 *slot = checkpoints + (long long)(sequence / 2) * slots * Shape::GROUPS;
    const float *row = sequences + sequence * stride;
    const int only = start ? start[sequence] : -1;
    uint32_t group = endGroups[sequence];
    float x[R * V];
    for (int t = to; t > stop; slot += Shape::GROUPS) {
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
        uint32_t bits = way.branches << Shape::G | group;
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

// Suffix: bits a step, weights a step. R: steps between checkpoints, at most 3.
VITERBI(2_1, 2, 1, 3)
VITERBI(3_1, 3, 1, 2)
VITERBI(4_1, 4, 1, 1)
VITERBI(4_2, 4, 2, 1)
