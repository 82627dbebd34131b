// Products of few vectors with codes of a codebook that stay packed: PackedOps.multiply.
//
// Eight weights are 2, 3 or 4 bytes: a word of 16 bits of the first plane, and of the second a byte (3 bits) or another word.
// For E8P these are the codes of its stages, for grids the bits of eight codes, the first lowest. A block takes four rows, a
// lane eight columns at a time of all four. Values and sums are fp32.
//
// Shapes   first, second [rows x octets], octets = ceil(columns / 8); vectors [count x columns]; product [count x rows].
// Tables   lattice: [256] of eight fp16, the absolute values of E8P, the last one negative in rows with an odd sum.
//          second: those of E81B, [256] of eight fp16. grid: its values, fp32.
// Launch   ceil(rows / 4) blocks of 256 threads.
// Defined by ScalarPackedOps.multiply.
#include <cuda_fp16.h>
#include <stdint.h>

static __device__ __forceinline__ __half2 as_halves(uint32_t v) { return *reinterpret_cast<__half2 *>(&v); }

// Signs, the parity of which is the direction of the shift (EightP.decode).
static __device__ __forceinline__ void lattice_vector(const uint4 *table, uint32_t code, float (&v)[8]) {
    uint4 row = table[code >> 8 & 255];
    uint32_t signs = code & 255;
    const bool down = __popc(signs) & 1;
    signs ^= down;
    const uint32_t spread = (signs & 15) | (signs & 0xf0) << 12; // bit i and bit i + 4 in both halves
    const __half2 shift = as_halves(down ? 0xb400b400u : 0x34003400u); // a quarter
    const uint32_t rows[4] = {row.x, row.y, row.z, row.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        float2 two = __half22float2(__hadd2(as_halves(rows[i] ^ (spread << (15 - i) & 0x80008000u)), shift));
        v[2 * i] = two.x;
        v[2 * i + 1] = two.y;
    }
}

struct Tables {
    const uint4 *lattice;
    const uint4 *shorts;
    const float *grid;
    float residual; // what the second stage is multiplied with
};

struct Lattice { // E8P, 2 bits
    static constexpr int BITS = 2;
    static __device__ __forceinline__ void values(const Tables &tables, uint32_t first, uint32_t, float (&v)[8]) {
        lattice_vector(tables.lattice, first, v);
    }
};

struct LatticeAndShorts { // E8P and E81B, 3 bits
    static constexpr int BITS = 3;
    static __device__ __forceinline__ void values(const Tables &tables, uint32_t first, uint32_t second, float (&v)[8]) {
        lattice_vector(tables.lattice, first, v);
        uint4 row = tables.shorts[second];
        const uint32_t rows[4] = {row.x, row.y, row.z, row.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float2 two = __half22float2(as_halves(rows[i]));
            v[2 * i] = fmaf(two.x, tables.residual, v[2 * i]);
            v[2 * i + 1] = fmaf(two.y, tables.residual, v[2 * i + 1]);
        }
    }
};

struct TwoLattices { // E8P twice, 4 bits
    static constexpr int BITS = 4;
    static __device__ __forceinline__ void values(const Tables &tables, uint32_t first, uint32_t second, float (&v)[8]) {
        lattice_vector(tables.lattice, first, v);
        float rest[8];
        lattice_vector(tables.lattice, second, rest);
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = fmaf(rest[i], tables.residual, v[i]);
        }
    }
};

template <int B> struct Grid {
    static constexpr int BITS = B;
    static __device__ __forceinline__ void values(const Tables &tables, uint32_t first, uint32_t second, float (&v)[8]) {
        const uint32_t codes = first | second << 16;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = tables.grid[codes >> (B * i) & ((1 << B) - 1)];
        }
    }
};

// Eight elements from `column` on, zero beyond the end.
static __device__ __forceinline__ void load(const float *vector, int column, int columns, bool vectors, float (&x)[8]) {
    if (vectors && column + 8 <= columns) {
        float4 low = __ldg((const float4 *)(vector + column));
        float4 high = __ldg((const float4 *)(vector + column + 4));
        x[0] = low.x, x[1] = low.y, x[2] = low.z, x[3] = low.w, x[4] = high.x, x[5] = high.y, x[6] = high.z, x[7] = high.w;
        return;
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
        x[i] = column + i < columns ? vector[column + i] : 0;
    }
}

template <class Code, int T>
static __device__ __forceinline__ void multiply(const Tables &tables, int rows, int columns, const uint16_t *first,
                                                const void *second, int count, const float *vectors, long long stride,
                                                float *product, long long productStride) {
    constexpr int ROWS = 4;
    __shared__ float sums[8][ROWS * T];
    const int octets = (columns + 7) / 8;
    const bool aligned = ((unsigned long long)vectors & 15) == 0 && stride % 4 == 0;
    float sum[ROWS][T] = {};
    for (int o = threadIdx.x; o < octets; o += 256) {
        uint32_t low[ROWS], high[ROWS];
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            const long long at = (long long)min(ROWS * (int)blockIdx.x + r, rows - 1) * octets + o;
            low[r] = __ldcs(first + at);
            high[r] = Code::BITS == 2   ? 0
                      : Code::BITS == 3 ? __ldcs((const uint8_t *)second + at)
                                        : __ldcs((const uint16_t *)second + at);
        }
        float x[T][8];
#pragma unroll
        for (int t = 0; t < T; t++) {
            load(vectors + (T == 1 ? 0 : min(t, count - 1)) * stride, 8 * o, columns, aligned, x[t]);
        }
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            float v[8];
            Code::values(tables, low[r], high[r], v);
#pragma unroll
            for (int t = 0; t < T; t++) {
#pragma unroll
                for (int i = 0; i < 8; i++) {
                    sum[r][t] = fmaf(v[i], x[t][i], sum[r][t]);
                }
            }
        }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int t = 0; t < T; t++) {
            float all = sum[r][t];
            for (int offset = 16; offset > 0; offset >>= 1) {
                all += __shfl_xor_sync(~0u, all, offset);
            }
            if ((threadIdx.x & 31) == 0) {
                sums[threadIdx.x >> 5][r * T + t] = all;
            }
        }
    }
    __syncthreads();
    if (threadIdx.x < ROWS * T) {
        const int row = ROWS * blockIdx.x + threadIdx.x / T;
        const int t = threadIdx.x % T;
        if (row < rows && t < count) {
            float all = 0;
            for (int warp = 0; warp < 8; warp++) {
                all += sums[warp][threadIdx.x];
            }
            product[t * productStride + row] = all;
        }
    }
}

#define PRODUCT(NAME, CODE, T)                                                                                        \
    extern "C" __global__ void __launch_bounds__(256) NAME##_##T(                                                      \
        int rows, int columns, const uint16_t *first, const void *second, const uint4 *lattice, const uint4 *shorts,   \
        const float *grid, float residual, int count, const float *vectors, long long stride, float *product,          \
        long long productStride) {                                                                                     \
        __shared__ uint4 tables[2][256];                                                                               \
        __shared__ float values[16];                                                                                   \
        if (lattice) {                                                                                                 \
            tables[0][threadIdx.x] = lattice[threadIdx.x];                                                             \
            tables[1][threadIdx.x] = shorts[threadIdx.x];                                                              \
        } else if (threadIdx.x < 1 << CODE::BITS) {                                                                    \
            values[threadIdx.x] = grid[threadIdx.x];                                                                   \
        }                                                                                                              \
        __syncthreads();                                                                                               \
        multiply<CODE, T>(Tables{tables[0], tables[1], values, residual}, rows, columns, first, second, count,         \
                          vectors, stride, product, productStride);                                                    \
    }
// Bits, then the most vectors.
PRODUCT(e8p_2, Lattice, 1)
PRODUCT(e8p_2, Lattice, 4)
PRODUCT(e8p_3, LatticeAndShorts, 1)
PRODUCT(e8p_3, LatticeAndShorts, 4)
PRODUCT(e8p_4, TwoLattices, 1)
PRODUCT(e8p_4, TwoLattices, 4)
PRODUCT(grid_2, Grid<2>, 1)
PRODUCT(grid_2, Grid<2>, 4)
PRODUCT(grid_3, Grid<3>, 1)
PRODUCT(grid_3, Grid<3>, 4)
PRODUCT(grid_4, Grid<4>, 1)
PRODUCT(grid_4, Grid<4>, 4)
