// Products of few vectors with tiles of a trellis code that stay packed: PackedOps.multiply.
//
// Half a warp takes four neighbouring tiles at a time, a lane one row of each: of K = 2, 3, 4 bits a weight that is K words of
// 16 bits, and the first word of the next row (around the tile) for the states that reach beyond. Codes are computed where
// they are arithmetic, values and sums are fp32. `any` takes every other trellis, from its table in global memory.
//
// Shapes   vectors [count x columns] 16-byte aligned with a stride of whole float4, product [count x rows]. words, of `any`: as
//          PackedTiles lays them out; else [tile rows x ceil(tiles across / 4) x K x 16] of four words, word q of row r of
//          four tiles, as `arrange` makes of the former (missing tiles are zero).
// Launch   one block a row of tiles, up to 512 threads; dynamic shared memory: 16 sums of T vectors for every half-warp.
// Defined by ScalarPackedOps.multiply.
#include <cuda_fp16.h>
#include <stdint.h>

extern __shared__ __align__(16) float shared[];

static __device__ __forceinline__ __half2 as_halves(uint32_t v) { return *reinterpret_cast<__half2 *>(&v); }

// What a state of 16 bits stands for. `a` and `b`: what it is multiplied with, and what is added to that.
struct HalfPairs { // 3INST, MCG
    static constexpr int V = 1;
    uint32_t a, b;
    __device__ __forceinline__ void values(uint32_t state, float (&v)[1]) const {
        __half2 halves = as_halves(((state * a + b) & 0x8fff8fffu) ^ 0x3b603b60u);
        v[0] = __half2float(__hadd(__low2half(halves), __high2half(halves)));
    }
};

struct ByteSums { // 1MAD
    static constexpr int V = 1;
    uint32_t a, b;
    __device__ __forceinline__ void values(uint32_t state, float (&v)[1]) const {
        v[0] = ((int)__dp4a(state * a + b, 0x01010101u, 0u) - 510) * (1 / 147.80054f);
    }
};

struct RoundedByteSums { // MUL1; the sum is written into the mantissa of 1024
    static constexpr int V = 1;
    uint32_t a, b;
    __device__ __forceinline__ void values(uint32_t state, float (&v)[1]) const {
        uint32_t sum = __dp4a(state * a, 0x01010101u, 0x6400u);
        __half half = __ushort_as_half((unsigned short)sum);
        v[0] = __half2float(__hfma(half, __ushort_as_half(0x1eee), __ushort_as_half(0xc931)));
    }
};

struct Pairs { // PAIR; the sums of bytes are written into the mantissa of 2^23
    static constexpr int V = 2;
    uint32_t a, b;
    __device__ __forceinline__ void values(uint32_t state, float (&v)[2]) const {
        uint32_t product = state * a;
        v[0] = (__uint_as_float(__dp4a(product, 0x00010001u, 0x4b000000u)) - 8388863.0f) * (1 / 104.51076f);
        v[1] = (__uint_as_float(__dp4a(product, 0x01000100u, 0x4b000000u)) - 8388863.0f) * (1 / 104.51076f);
    }
};

struct Hybrids { // HYB with 512 pairs, in shared memory
    static constexpr int V = 2;
    const uint32_t *pairs;
    __device__ __forceinline__ void values(uint32_t state, float (&v)[2]) const {
        uint32_t hash = state * (state + 1);
        uint32_t word = pairs[hash >> 6 & 511] ^ (hash & 0x8000u);
        float2 both = __half22float2(as_halves(word));
        v[0] = both.x;
        v[1] = both.y;
    }
};

// The 16 products of T vectors: the sums of all half-warps, added in order.
template <int T>
static __device__ __forceinline__ void finish(const float (&sum)[T], int count, float *product, long long stride) {
    const int halves = blockDim.x / 16;
#pragma unroll
    for (int t = 0; t < T; t++) {
        shared[(t * halves + threadIdx.x / 16) * 16 + threadIdx.x % 16] = sum[t];
    }
    __syncthreads();
    for (int e = threadIdx.x; e < 16 * T; e += blockDim.x) {
        if (e / 16 < count) {
            float all = 0;
            for (int h = 0; h < halves; h++) {
                all += shared[(e / 16 * halves + h) * 16 + e % 16];
            }
            product[e / 16 * stride + 16LL * blockIdx.x + e % 16] = all;
        }
    }
}

template <class Code, int K, int T>
static __device__ __forceinline__ void multiply(const Code &code, int across, const uint2 *words, int count,
                                                const float *vectors, long long vectorStride, float *product,
                                                long long productStride) {
    constexpr int V = Code::V;
    const int lane = threadIdx.x & 31;
    const int groups = (across + 3) / 4;
    const int next = (lane & 16) | ((lane + 1) & 15);
    float sum[T] = {};
    uint2 ahead[K];
    auto fetch = [&](int group) {
        const uint2 *from = words + ((long long)blockIdx.x * groups + group) * K * 16 + (lane & 15);
#pragma unroll
        for (int q = 0; q < K; q++) {
            ahead[q] = group < groups ? __ldcs(from + q * 16) : make_uint2(0, 0);
        }
    };
    fetch(threadIdx.x / 16);
    for (int base = threadIdx.x / 32 * 2; base < groups; base += blockDim.x / 16) {
        const int group = base + (lane >> 4);
        uint2 now[K + 1];
#pragma unroll
        for (int q = 0; q < K; q++) {
            now[q] = ahead[q];
        }
        fetch(group + blockDim.x / 16);
        now[K].x = __shfl_sync(~0u, now[0].x, next);
        now[K].y = __shfl_sync(~0u, now[0].y, next);
        for (int tile = 0; tile < 4; tile++) {
            const int column = (4 * group + tile) * 16;
            const bool there = 4 * group + tile < across;
            uint32_t window[K];
#pragma unroll
            for (int q = 0; q < K; q++) {
                window[q] = __byte_perm(tile < 2 ? now[q + 1].x : now[q + 1].y, tile < 2 ? now[q].x : now[q].y,
                                        tile & 1 ? 0x7632 : 0x5410);
            }
#pragma unroll
            for (int four = 0; four < 4; four++) {
                float v[4];
#pragma unroll
                for (int s = 0; s < 4; s += V) {
                    const int bit = (4 * four + s) * K; // of the row
                    uint32_t state = window[bit / 16] >> (16 - bit % 16) & 0xffffu;
                    float value[V];
                    code.values(state, value);
#pragma unroll
                    for (int i = 0; i < V; i++) {
                        v[s + i] = value[i];
                    }
                }
#pragma unroll
                for (int t = 0; t < T; t++) {
                    float4 x = make_float4(0, 0, 0, 0);
                    if (there && (T == 1 || t < count)) {
                        x = __ldg((const float4 *)(vectors + t * vectorStride + column + 4 * four));
                    }
                    sum[t] = fmaf(v[0], x.x, fmaf(v[1], x.y, fmaf(v[2], x.z, fmaf(v[3], x.w, sum[t]))));
                }
            }
        }
    }
    finish<T>(sum, count, product, productStride);
}

#define PRODUCT(NAME, CODE, K, T)                                                                                     \
    extern "C" __global__ void __launch_bounds__(512) NAME##_##K##_##T(                                                \
        int across, const uint2 *words, uint32_t a, uint32_t b, const uint32_t *, int count, const float *vectors,     \
        long long vectorStride, float *product, long long productStride) {                                             \
        multiply<CODE, K, T>(CODE{a, b}, across, words, count, vectors, vectorStride, product, productStride);         \
    }
#define HYBRID_PRODUCT(K, T)                                                                                          \
    extern "C" __global__ void __launch_bounds__(512) hyb_##K##_##T(                                                   \
        int across, const uint2 *words, uint32_t, uint32_t, const uint32_t *pairs, int count, const float *vectors,    \
        long long vectorStride, float *product, long long productStride) {                                             \
        __shared__ uint32_t table[512];                                                                                \
        for (int i = threadIdx.x; i < 512; i += blockDim.x) {                                                          \
            table[i] = pairs[i];                                                                                       \
        }                                                                                                              \
        __syncthreads();                                                                                               \
        multiply<Hybrids, K, T>(Hybrids{table}, across, words, count, vectors, vectorStride, product, productStride);  \
    }
// Bits, then the most vectors.
#define PRODUCTS(MACRO)                                                                                                \
    MACRO(2, 1)                                                                                                        \
    MACRO(2, 4)                                                                                                        \
    MACRO(3, 1)                                                                                                        \
    MACRO(3, 4)                                                                                                        \
    MACRO(4, 1)                                                                                                        \
    MACRO(4, 4)
#define HALF_PAIRS(K, T) PRODUCT(halves, HalfPairs, K, T)
#define BYTE_SUMS(K, T) PRODUCT(bytes, ByteSums, K, T)
#define ROUNDED_BYTE_SUMS(K, T) PRODUCT(mul1, RoundedByteSums, K, T)
#define PAIRS(K, T) PRODUCT(pair, Pairs, K, T)
PRODUCTS(HALF_PAIRS)
PRODUCTS(BYTE_SUMS)
PRODUCTS(ROUNDED_BYTE_SUMS)
PRODUCTS(PAIRS)
PRODUCTS(HYBRID_PRODUCT)

// Word q of row r of four tiles side by side. Launch: 256 threads (strided loop); target [down x groups x K x 16] of uint2.
extern "C" __global__ void arrange(int down, int across, int bits, const uint16_t *words, uint2 *target) {
    const int groups = (across + 3) / 4;
    const long long count = (long long)down * groups * bits * 16;
    for (long long e = blockIdx.x * (long long)blockDim.x + threadIdx.x; e < count; e += (long long)gridDim.x * blockDim.x) {
        const int r = (int)(e % 16);
        const int q = (int)(e / 16 % bits);
        const long long group = e / 16 / bits; // of all
        uint32_t four[4];
        for (int i = 0; i < 4; i++) {
            const int tile = (int)(group % groups) * 4 + i;
            four[i] = tile < across ? words[(group / groups * across + tile) * 16 * bits + r * bits + q] : 0;
        }
        target[e] = make_uint2(four[0] | four[1] << 16, four[2] | four[3] << 16);
    }
}

// Up to four vectors, any trellis of at most 20 bits of state.
extern "C" __global__ void __launch_bounds__(512) any(int across, const uint16_t *words, int wordsPer, int stateBits,
                                                      int stepBits, int values, const float *table, int count,
                                                      const float *vectors, long long vectorStride, float *product,
                                                      long long productStride) {
    const int row = threadIdx.x % 16;
    float sum[4] = {};
    for (int tile = threadIdx.x / 16; tile < across; tile += blockDim.x / 16) {
        const uint16_t *stream = words + ((long long)blockIdx.x * across + tile) * wordsPer;
        for (int c = 0; c < 16; c++) {
            const int place = 16 * row + c;
            const int bit = place / values * stepBits;
            const int first = bit / 16;
            const int second = first + 1 == wordsPer ? 0 : first + 1;
            const int third = second + 1 == wordsPer ? 0 : second + 1;
            uint64_t bits = (uint64_t)stream[first] << 32 | (uint64_t)stream[second] << 16 | stream[third];
            uint32_t state = (uint32_t)(bits >> (48 - bit % 16 - stateBits)) & ((1u << stateBits) - 1);
            float value = table[(long long)state * values + place % values];
#pragma unroll
            for (int t = 0; t < 4; t++) {
                if (t < count) {
                    sum[t] = fmaf(value, vectors[t * vectorStride + 16 * tile + c], sum[t]);
                }
            }
        }
    }
    finish<4>(sum, count, product, productStride);
}
