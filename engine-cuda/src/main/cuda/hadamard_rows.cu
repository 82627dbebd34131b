// Fast Hadamard transform of every row, in place: HadamardOps.transformRows and transformRowsInverse.
//
// A row of n = K * 2^p elements is the matrix X [K x 2^p]; it becomes scale * M X S with S Sylvester's matrix and M [K x K]
// the small matrix, or its transpose for the inverse, which the caller hands in.
//
// Shapes   rows x n, any stride; outer is M row by row, null when K = 1.
// Launch   one block a row at a time (strided loop), 256 threads (64 for n < 1024). Dynamic shared memory: the row, one
//          word of padding in 32, then M; twice the row for an order K without a kernel of its own (general != 0).
// Steps    M first, from global memory with the K values of a column in registers; then Sylvester's factors, four at a time
//          in registers, through shared memory; each element is read once from and written once to global memory.
// Defined by ScalarHadamardOps.
#include "hadamard.cuh"

static __device__ __forceinline__ int padded(int i) { return i + (i >> 5); }

// R of Sylvester's factors, over elements h apart; from the row in global memory when `row` is given.
template <int R, typename T>
static __device__ __forceinline__ void factors(const T *row, float *values, int n, int logH) {
    int h = 1 << logH;
    for (int t = threadIdx.x; t < n >> R; t += blockDim.x) {
        int base = ((t >> logH) << (logH + R)) + (t & (h - 1));
        float v[1 << R];
#pragma unroll
        for (int k = 0; k < 1 << R; k++) {
            int i = base + (k << logH);
            v[k] = row ? load(row + i) : values[padded(i)];
        }
        butterflies<R>(v);
#pragma unroll
        for (int k = 0; k < 1 << R; k++) {
            values[padded(base + (k << logH))] = v[k];
        }
    }
}

template <typename T> static __device__ void some_factors(int r, const T *row, float *values, int n, int logH) {
    switch (r) {
    case 1:
        factors<1>(row, values, n, logH);
        break;
    case 2:
        factors<2>(row, values, n, logH);
        break;
    case 3:
        factors<3>(row, values, n, logH);
        break;
    default:
        factors<4>(row, values, n, logH);
    }
}

template <int K, bool INVERSE, int I = 0>
static __device__ __forceinline__ void signed_sums(const float (&x)[K], float *values, int b, int p) {
    if constexpr (I < K) {
        values[padded((I << p) + b)] = signed_sum<K, INVERSE, I>(x, 0);
        signed_sums<K, INVERSE, I + 1>(x, values, b, p);
    }
}

template <int K, typename T>
static __device__ __forceinline__ void signed_outer_step(const T *row, float *values, bool inverse, int p) {
    for (int b = threadIdx.x; b < 1 << p; b += blockDim.x) {
        float x[K];
#pragma unroll
        for (int j = 0; j < K; j++) {
            x[j] = load(row + (j << p) + b);
        }
        if (K == 28 || !inverse) { // order 28 is symmetric
            signed_sums<K, false>(x, values, b, p);
        } else {
            signed_sums<K, true>(x, values, b, p);
        }
    }
}

template <int K, typename T>
static __device__ __forceinline__ void outer_step(const T *row, float *values, const float *outer, int p) {
    for (int b = threadIdx.x; b < 1 << p; b += blockDim.x) {
        float x[K];
#pragma unroll
        for (int j = 0; j < K; j++) {
            x[j] = load(row + (j << p) + b);
        }
#pragma unroll 2
        for (int i = 0; i < K; i++) {
            values[padded((i << p) + b)] = outer_row<K>((const float4 *)(outer + i * K), x);
        }
    }
}

// Any K: one output an iteration, from a copy of the row in shared memory.
template <typename T>
static __device__ void general_outer_step(const T *row, float *values, float *copy, const float *outer, int k, int p) {
    int n = k << p;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        copy[i] = load(row + i);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        const float *m = outer + (i >> p) * k;
        const float *x = copy + (i & ((1 << p) - 1));
        float sum = 0;
        for (int j = 0; j < k; j++) {
            sum = fmaf(m[j], x[j << p], sum);
        }
        values[padded(i)] = sum;
    }
}

template <int K, typename T>
static __device__ __forceinline__ void transform(long long rows, int k, int p, bool inverse, float scale, const float *outerMatrix,
                                                 T *matrix, long long stride) {
    extern __shared__ __align__(16) float shared[];
    int n = k << p;
    float *outer = shared; // K * K is a multiple of 4 wherever it is not 1
    float *values = shared + (k > 1 ? k * k : 0);
    for (int i = threadIdx.x; k > 1 && i < k * k; i += blockDim.x) {
        outer[i] = outerMatrix[i];
    }
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        T *row = matrix + r * stride;
        __syncthreads();
        if constexpr (HAS_SIGNS<K>) {
            signed_outer_step<K>(row, values, inverse, p);
        } else if (K > 1) {
            outer_step<(K > 1 ? K : 4)>(row, values, outer, p);
        } else if (K == 0) {
            general_outer_step(row, values, values + padded(n) + 1, outer, k, p);
        }
        const T *source = K == 1 ? row : nullptr;
        for (int left = p; left > 0;) {
            int r4 = left % 4 == 0 ? 4 : left % 4;
            left -= r4;
            __syncthreads();
            some_factors(r4, source, values, n, left);
            source = nullptr;
        }
        __syncthreads();
        if (K == 1 && p == 0) {
            continue;
        }
        for (int i = threadIdx.x; i < n; i += blockDim.x) {
            store(row + i, scale * values[padded(i)]);
        }
    }
}

#define ROWS_KERNEL(NAME, K, T)                                                                                       \
    extern "C" __global__ void __launch_bounds__(256) NAME(long long rows, int k, int p, int inverse, float scale,     \
                                                           const float *outer, T *matrix, long long stride) {          \
        transform<K, T>(rows, k, p, inverse, scale, outer, matrix, stride);                                            \
    }
#define ROWS_KERNELS(SUFFIX, T)                                                                                       \
    ROWS_KERNEL(rows_1_##SUFFIX, 1, T)                                                                                \
    ROWS_KERNEL(rows_12_##SUFFIX, 12, T)                                                                              \
    ROWS_KERNEL(rows_20_##SUFFIX, 20, T)                                                                              \
    ROWS_KERNEL(rows_28_##SUFFIX, 28, T)                                                                              \
    ROWS_KERNEL(rows_36_##SUFFIX, 36, T)                                                                              \
    ROWS_KERNEL(rows_52_##SUFFIX, 52, T)                                                                              \
    ROWS_KERNEL(rows_60_##SUFFIX, 60, T)                                                                              \
    ROWS_KERNEL(rows_any_##SUFFIX, 0, T)

// In 16 bits hadamard_halves.cu has the others.
ROWS_KERNELS(f32, float)
ROWS_KERNEL(rows_any_f16, 0, __half)
ROWS_KERNEL(rows_any_bf16, 0, __nv_bfloat16)
