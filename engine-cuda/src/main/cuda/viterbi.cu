// Viterbi search in a bitshift trellis of 2^16 states with up to 4 bits a step, two sequences a block: TrellisOps.encode.
//
// forward  A thread owns the same 64 states in every step and keeps their code values in registers for all steps and sequences
//          (V = 2: half of them in shared memory).
//          Launch: 1024 threads, one block a multiprocessor, which loops over pairs of sequences. Dynamic shared memory:
//          two buffers of 2^G words, half the table for V = 2, then a word for every scalar of the sequence.
//
// The rest is in viterbi.cuh.
#include "viterbi.cuh"

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
    const auto place = [](int group) { return 4 * Shape::place(group / 4) + group % 4; };
    Codes<B, V> codes;
    codes.fill(table, codePlace);
    for (int pair = blockIdx.x; pair < (count + 1) / 2; pair += gridDim.x) {
        const int a = 2 * pair;
        const int b = min(2 * pair + 1, count - 1);
        load_pair(sequences, stride, a, b, steps * V, limit, scalars);
        start_costs(costs, Shape::GROUPS, start, a, b, place);
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
            store_ends(costs + current * Shape::GROUPS, Shape::GROUPS, end, a, b, place);
        }
        __syncthreads();
    }
}

VITERBI(2_1, 2, 1, 3)
VITERBI(3_1, 3, 1, 2)
VITERBI(4_1, 4, 1, 1)
VITERBI(4_2, 4, 2, 1)
