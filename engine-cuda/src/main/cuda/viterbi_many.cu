// Viterbi search in a bitshift trellis of 2^16 states with 6 or 8 bits a step, two sequences a block: TrellisOps.encode for two
// weights a step at 3 and 4 bits.
//
// forward  There are as few groups as threads, or fewer: a group belongs to one thread (6 bits) or to four neighbours (8 bits),
//          which share its branches. Each has 64 states, the same in every step, and keeps the pairs of values of half of them in
//          registers for all steps and sequences, the others in shared memory. The costs that lead into a group are those
//          of 2^B groups that have their low bits in common; they lie in a row, and all lanes of a warp read the same row.
//          Launch: 1024 threads, one block a multiprocessor, which loops over pairs of sequences. Dynamic shared memory:
//          two buffers of costs, half the table, then a word for every scalar of the sequence.
//
// The rest is in viterbi.cuh.
#include "viterbi.cuh"

template <int B> struct Geometry {
    static constexpr int G = 16 - B;
    static constexpr int GROUPS = 1 << G;
    static constexpr int BRANCHES = 1 << B;
    static constexpr int SHARING = 1024 / GROUPS;             // threads of one group
    static constexpr int VECTORS = BRANCHES / (4 * SHARING);  // of 4 branches that a thread has
    static constexpr int HELD = VECTORS / 2;                  // of them in registers
    static constexpr int LOW = G - B;                         // bits that the groups which lead into one have in common
    static constexpr int ROW = BRANCHES + 4;                  // words; stores of a warp hit a bank twice at most
    static constexpr int WORDS = ROW << LOW;                  // of one buffer of costs
    static_assert(SHARING == 1 || SHARING == 4, "the threads of a group are neighbours in a warp");

    static __device__ __forceinline__ int place(int group) {
        return (group & ((1 << LOW) - 1)) * ROW + (group >> LOW);
    }
};

// Pairs of values of a thread's states: those of its group `group` in the branches of vectors part, part + SHARING, ...
template <int B> struct Codes {
    using Shape = Geometry<B>;
    half2 held[Shape::HELD][4];
    const uint4 *others;

    __device__ __forceinline__ void fill(const half2 *table, uint4 *shared, int group, int part) {
#pragma unroll
        for (int k = 0; k < Shape::VECTORS; k++) {
            half2 four[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                int branch = 4 * (Shape::SHARING * k + part) + j;
                four[j] = table[(branch << Shape::G) + group];
                if (k < Shape::HELD) {
                    held[k < Shape::HELD ? k : 0][j] = four[j];
                }
            }
            if (k >= Shape::HELD) {
                shared[(k - Shape::HELD) * 1024 + threadIdx.x] =
                    make_uint4(as_word(four[0]), as_word(four[1]), as_word(four[2]), as_word(four[3]));
            }
        }
        others = shared + threadIdx.x;
    }
    __device__ __forceinline__ void vector(int k, half2 (&four)[4]) const {
        if (k < Shape::HELD) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                four[j] = held[k < Shape::HELD ? k : 0][j];
            }
        } else {
            unpack(others[(k - Shape::HELD) * 1024], four);
        }
    }
    static __device__ __forceinline__ void unpack(uint4 words, half2 (&four)[4]) {
        four[0] = as_half2(words.x);
        four[1] = as_half2(words.y);
        four[2] = as_half2(words.z);
        four[3] = as_half2(words.w);
    }
};

// The least cost of a thread's own states. entering: costs of the groups that lead into its own, from its first branch on.
template <int B>
static __device__ __forceinline__ half2 least_cost(const Codes<B> &codes, const uint4 *entering, half2 x0, half2 x1) {
    using Shape = Geometry<B>;
    half2 least[4];
#pragma unroll
    for (int k = 0; k < Shape::VECTORS; k++) {
        half2 previous[4], code[4];
        Codes<B>::unpack(entering[Shape::SHARING * k], previous);
        codes.vector(k, code);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            half2 first = __hsub2(__low2half2(code[j]), x0);
            half2 second = __hsub2(__high2half2(code[j]), x1);
            half2 cost = __hfma2(second, second, __hfma2(first, first, previous[j]));
            least[j] = k == 0 ? cost : __hmin2(least[j], cost);
        }
    }
    return __hmin2(min3(least[0], least[1], least[2]), least[3]);
}

// V is 2 and R is 1 throughout: they are there for the common macro.
template <int B, int V, int R>
static __device__ __forceinline__ void forward(const __half *table, const float *sequences, long long stride, int count,
                                               int steps, int from, int to, int recordFrom, float limit,
                                               const int *start, uint4 *checkpoints, int slots, int *end) {
    static_assert(V == 2 && R == 1, "pairs of weights, a checkpoint every step");
    using Shape = Geometry<B>;
    extern __shared__ __align__(16) uint32_t shared[];
    __shared__ half2 minima[32];
    uint32_t *costs = shared;
    uint4 *codePlace = (uint4 *)(shared + 2 * Shape::WORDS);
    half2 *scalars = (half2 *)(shared + 2 * Shape::WORDS + 32768);
    const int tid = threadIdx.x;
    const int group = tid / Shape::SHARING;
    const int part = tid % Shape::SHARING;
    const int row = (group >> B) * Shape::ROW;
    const auto place = [](int g) { return Shape::place(g); };
    Codes<B> codes;
    codes.fill((const half2 *)table, codePlace, group, part);
    for (int pair = blockIdx.x; pair < (count + 1) / 2; pair += gridDim.x) {
        const int a = 2 * pair;
        const int b = min(2 * pair + 1, count - 1);
        load_pair(sequences, stride, a, b, steps * V, limit, scalars);
        start_costs(costs, Shape::WORDS, start, a, b, place);
        int current = 0;
        for (int i = from; i < to; i++) {
            const half2 *x = scalars + (i >= steps ? i - steps : i) * V;
            const uint32_t *entering = costs + current * Shape::WORDS + row;
            const bool relative = (i & 15) == 0 && i > from;
            const half2 base = relative ? warp_min(minima[tid & 31]) : as_half2(0);
            half2 least = least_cost<B>(codes, (const uint4 *)entering + part, x[0], x[1]);
#pragma unroll
            for (int offset = 1; offset < Shape::SHARING; offset <<= 1) {
                least = __hmin2(least, as_half2(__shfl_xor_sync(~0u, as_word(least), offset)));
            }
            if (relative) {
                least = __hsub2(least, base);
            }
            if ((i & 15) == 15) {
                half2 smallest = warp_min(least);
                if ((tid & 31) == 0) {
                    minima[tid >> 5] = smallest;
                }
            }
            if (part == 0) {
                costs[(current ^ 1) * Shape::WORDS + Shape::place(group)] = as_word(least);
                // what leaves this step enters the next
                const int left = to - (i + 1);
                if (left > 0 && i + 1 >= recordFrom) {
                    uint32_t *slot = (uint32_t *)checkpoints + ((long long)pair * slots + left - 1) * Shape::GROUPS;
                    __stcs(slot + group, as_word(least));
                }
            }
            current ^= 1;
            __syncthreads();
        }
        if (end) {
            store_ends(costs + current * Shape::WORDS, Shape::GROUPS, end, a, b, place);
        }
        __syncthreads();
    }
}

VITERBI(6_2, 6, 2, 1)
VITERBI(8_2, 8, 2, 1)
