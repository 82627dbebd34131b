// Fast Hadamard transform of every row of a 16-bit matrix, in place, where the small matrix is applied on tensor cores.
//
// A row of n = K * 2^p elements is X [K x 2^p]; it becomes scale * M X S with S Sylvester's matrix and M [K x K] the small
// matrix, or its transpose for the inverse (for a power of two, Sylvester's matrix of order 16 can be M). The products with
// M are exact, since M is of signs and sums are in fp32; nothing is rounded to 16 bits but the result.
//
// Shapes   rows x n, rows 16-byte aligned, stride in elements; outer is M row by row. K <= 16 * TILES, p = R + 4 >= 6.
// Launch   256 threads, any number of blocks (strided loop over `group` rows at a time). Dynamic shared memory: group * n
//          floats, then M as (16 * TILES) x (16 * TILES + 8) 16-bit numbers.
// Steps    A warp takes 64 columns of X: 16 bytes a load, pairs of rows zipped to operands of the tensor cores, M times
//          them, then the four lowest of Sylvester's factors, whose elements a lane holds all. The others follow after one
//          exchange through shared memory. The next columns are loaded before the current ones are finished.
// Defined by ScalarHadamardOps.
#include "hadamard.cuh"
#include "tensor.cuh"

// Where four floats of row j are: stores of the first step and loads of the second are free of bank conflicts.
static __device__ __forceinline__ int place(int unit, int j) { return unit ^ (unit >> 3 & 1) ^ ((j & 1) * 6); }

template <typename T, int TILES> struct Columns {
    uint4 words[4 * TILES]; // rows 16 s + 2q, + 1, + 8, + 9 of eight columns

    __device__ __forceinline__ void load(const T *columns, int k, int p, int q) {
#pragma unroll
        for (int i = 0; i < 4 * TILES; i++) {
            int j = (i >> 2) * 16 + 2 * q + (i & 1) + (i & 2) * 4;
            words[i] = j < k ? *(const uint4 *)(columns + ((long long)j << p)) : make_uint4(0, 0, 0, 0);
        }
    }
    // Columns 2w of rows (i, i + 1) into the words of row i, columns 2w + 1 into those of row i + 1.
    __device__ __forceinline__ void zip() {
#pragma unroll
        for (int i = 0; i < 4 * TILES; i += 2) {
            uint4 a = words[i];
            uint4 b = words[i + 1];
            words[i] = make_uint4(__byte_perm(a.x, b.x, 0x5410), __byte_perm(a.y, b.y, 0x5410),
                                  __byte_perm(a.z, b.z, 0x5410), __byte_perm(a.w, b.w, 0x5410));
            words[i + 1] = make_uint4(__byte_perm(a.x, b.x, 0x7632), __byte_perm(a.y, b.y, 0x7632),
                                      __byte_perm(a.z, b.z, 0x7632), __byte_perm(a.w, b.w, 0x7632));
        }
    }
    static __device__ __forceinline__ uint32_t word(const uint4 &four, int i) {
        return i == 0 ? four.x : i == 1 ? four.y : i == 2 ? four.z : four.w;
    }
    __device__ __forceinline__ void multiply(float (&sums)[8][4], int s, const uint32_t (&a)[4]) const {
#pragma unroll
        for (int i = 0; i < 8; i++) {
            uint32_t b0 = word(words[4 * s + (i & 1)], i >> 1);
            uint32_t b1 = word(words[4 * s + 2 + (i & 1)], i >> 1);
            if (s == 0) {
                product<T>(sums[i], a, b0, b1);
            } else {
                multiply_add<T>(sums[i], a, b0, b1);
            }
        }
    }
};

// M X of 64 columns, times the four lowest of Sylvester's factors, into shared memory.
template <typename T, int TILES>
static __device__ __forceinline__ void first_step(Columns<T, TILES> &columns, const T *small, float *values, int firstRow,
                                                  int k, int p, int chunk) {
    constexpr int PITCH = 16 * TILES + 8;
    const int g = (threadIdx.x & 31) >> 2;
    const int q = threadIdx.x & 3;
    columns.zip();
#pragma unroll 1
    for (int tile = 0; tile < TILES; tile++) {
        float sums[8][4];
#pragma unroll
        for (int s = 0; s < TILES; s++) {
            const T *m = small + (16 * tile + g) * PITCH + 16 * s + 2 * q;
            uint32_t a[4] = {*(const uint32_t *)m, *(const uint32_t *)(m + 8 * PITCH), *(const uint32_t *)(m + 8),
                             *(const uint32_t *)(m + 8 * PITCH + 8)};
            columns.multiply(sums, s, a);
        }
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float v[16];
#pragma unroll
            for (int i = 0; i < 8; i++) {
                v[i] = sums[i][2 * half];
                v[8 + i] = sums[i][2 * half + 1];
            }
            butterflies<4>(v);
            int j = 16 * tile + g + 8 * half;
            if (j < k) {
                float4 *row = (float4 *)(values + ((firstRow + j) << p));
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    row[place(16 * chunk + 4 * q + i, firstRow + j)] =
                        make_float4(v[4 * i], v[4 * i + 1], v[4 * i + 2], v[4 * i + 3]);
                }
            }
        }
    }
}

// The other factors of two neighbouring columns (of one, when there are many factors), and the result.
template <typename T, int R>
static __device__ __forceinline__ void second_step(const float *values, int jr, int pair, int p, float scale, T *target) {
    if constexpr (R < 6) {
        const float2 *first[4];
#pragma unroll
        for (int t = 0; t < 4; t++) {
            first[t] = (const float2 *)(values + (jr << p) + 4 * place(4 * t + (pair >> 1), jr) + 2 * (pair & 1));
        }
        float v[1 << R], w[1 << R];
#pragma unroll
        for (int t = 0; t < 1 << R; t++) {
            // place() depends on the lowest bits of t alone; 4 steps of t are 16 units.
            float2 two = first[t & 3][32 * (t >> 2)];
            v[t] = two.x;
            w[t] = two.y;
        }
        butterflies<R>(v);
        butterflies<R>(w);
#pragma unroll
        for (int t = 0; t < 1 << R; t++) {
            *(uint32_t *)(target + 16 * t + 2 * pair) = rounded_pair<T>(scale * v[t], scale * w[t]);
        }
    } else {
#pragma unroll 1
        for (int i = 0; i < 2; i++) {
            float v[1 << R];
#pragma unroll
            for (int t = 0; t < 1 << R; t++) {
                v[t] = values[(jr << p) + 4 * place(4 * t + (pair >> 1), jr) + 2 * (pair & 1) + i];
            }
            butterflies<R>(v);
#pragma unroll
            for (int t = 0; t < 1 << R; t++) {
                store(target + 16 * t + 2 * pair + i, scale * v[t]);
            }
        }
    }
}

template <typename T, int TILES, int R>
static __device__ __forceinline__ void transform(long long rows, int k, int group, float scale, const float *outer, T *matrix,
                                                 long long stride) {
    extern __shared__ __align__(16) float shared[];
    constexpr int p = R + 4;
    constexpr int ORDER = 16 * TILES;
    constexpr int CHUNKS = 1 << (p - 6); // of a row
    T *small = (T *)(shared + ((group * k) << p));
    for (int i = threadIdx.x; i < ORDER * ORDER; i += 256) {
        int row = i / ORDER;
        int column = i % ORDER;
        store(small + row * (ORDER + 8) + column, row < k && column < k ? outer[row * k + column] : 0.0f);
    }
    __syncthreads();
    const int warp = threadIdx.x >> 5;
    const int lane = threadIdx.x & 31;
    const int chunks = group * CHUNKS;
    Columns<T, TILES> columns;
    long long first = (long long)blockIdx.x * group;
    auto load = [&](long long firstRow, int chunk) {
        long long row = firstRow + chunk / CHUNKS;
        if (chunk < chunks && row < rows) {
            columns.load(matrix + row * stride + 64 * (chunk % CHUNKS) + 8 * (lane >> 2), k, p, lane & 3);
        }
    };
    load(first, warp);
    for (; first < rows; first += (long long)gridDim.x * group) {
        for (int chunk = warp; chunk < chunks; chunk += 8) {
            if (first + chunk / CHUNKS < rows) {
                first_step<T, TILES>(columns, small, shared, chunk / CHUNKS * k, k, p, chunk % CHUNKS);
            }
            bool more = chunk + 8 < chunks;
            load(more ? first : first + (long long)gridDim.x * group, more ? chunk + 8 : warp);
        }
        __syncthreads();
        for (int item = threadIdx.x; item < group * k * 8; item += 256) {
            int jr = item >> 3;
            int row = jr / k;
            if (first + row < rows) {
                T *target = matrix + (first + row) * stride + ((long long)(jr - row * k) << p);
                second_step<T, R>(shared, jr, item & 7, p, scale, target);
            }
        }
        __syncthreads();
    }
}

#define HALVES_KERNEL(NAME, T, TILES, R)                                                                              \
    extern "C" __global__ void __launch_bounds__(256, TILES == 4 ? 1 : TILES == 1 && R < 5 ? 3 : 2) NAME(             \
        long long rows, int k, int group, float scale, const float *outer, T *matrix, long long stride) {              \
        transform<T, TILES, R>(rows, k, group, scale, outer, matrix, stride);                                          \
    }
#define HALVES_KERNELS(SUFFIX, T, TILES)                                                                              \
    HALVES_KERNEL(rows_##TILES##_6_##SUFFIX, T, TILES, 2)                                                              \
    HALVES_KERNEL(rows_##TILES##_7_##SUFFIX, T, TILES, 3)                                                              \
    HALVES_KERNEL(rows_##TILES##_8_##SUFFIX, T, TILES, 4)                                                              \
    HALVES_KERNEL(rows_##TILES##_9_##SUFFIX, T, TILES, 5)                                                              \
    HALVES_KERNEL(rows_##TILES##_10_##SUFFIX, T, TILES, 6)

// Suffix: tiles of 16 rows of M, p, type.
HALVES_KERNELS(f16, __half, 1)
HALVES_KERNELS(f16, __half, 2)
HALVES_KERNELS(f16, __half, 4)
HALVES_KERNELS(bf16, __nv_bfloat16, 1)
HALVES_KERNELS(bf16, __nv_bfloat16, 2)
HALVES_KERNELS(bf16, __nv_bfloat16, 4)
