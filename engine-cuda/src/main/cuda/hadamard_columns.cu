// Fast Hadamard transform along any stride, in place: HadamardOps.transformColumns and transformColumnsInverse, and the
// rows that are too long for shared memory.
//
// `vectors` vectors, `across` floats from one to the next, of n = K * 2^p elements each, `along` floats from one to the
// next. Every launch applies some of the factors of the transform to all of them, in registers.
//
// Launch   blocks of 32 x 8 threads: x over the vectors, y over the independent groups of one vector (strided loops).
// Defined by ScalarHadamardOps.
#include "hadamard.cuh"

// R of Sylvester's factors, over elements 2^logH apart; then everything times `scale`.
template <int R>
static __device__ __forceinline__ void factors(int vectors, int n, int logH, float scale, float *matrix,
                                               long long along, long long across) {
    int vector = blockIdx.x * 32 + threadIdx.x;
    if (vector >= vectors) {
        return;
    }
    float *column = matrix + vector * across;
    for (int t = blockIdx.y * 8 + threadIdx.y; t < n >> R; t += gridDim.y * 8) {
        long long base = ((long long)(t >> logH) << (logH + R)) + (t & ((1 << logH) - 1));
        float v[1 << R];
#pragma unroll
        for (int k = 0; k < 1 << R; k++) {
            v[k] = column[(base + ((long long)k << logH)) * along];
        }
        butterflies<R>(v);
#pragma unroll
        for (int k = 0; k < 1 << R; k++) {
            column[(base + ((long long)k << logH)) * along] = scale * v[k];
        }
    }
}

#define FACTORS_KERNEL(R)                                                                                             \
    extern "C" __global__ void __launch_bounds__(256)                                                                  \
        factors_##R(int vectors, int n, int logH, float scale, float *matrix, long long along, long long across) {     \
        factors<R>(vectors, n, logH, scale, matrix, along, across);                                                    \
    }
FACTORS_KERNEL(1)
FACTORS_KERNEL(2)
FACTORS_KERNEL(3)
FACTORS_KERNEL(4)
FACTORS_KERNEL(5)
FACTORS_KERNEL(6)

// The small matrix M [K x K], with the K values of one column in registers; then everything times `scale`.
// Dynamic shared memory: M.
template <int K>
static __device__ __forceinline__ void outer_factor(int vectors, int p, float scale, const float *outerMatrix,
                                                    float *matrix, long long along, long long across) {
    extern __shared__ __align__(16) float outer[];
    for (int i = threadIdx.y * 32 + threadIdx.x; i < K * K; i += 256) {
        outer[i] = outerMatrix[i];
    }
    __syncthreads();
    int vector = blockIdx.x * 32 + threadIdx.x;
    if (vector >= vectors) {
        return;
    }
    float *column = matrix + vector * across;
    for (int b = blockIdx.y * 8 + threadIdx.y; b < 1 << p; b += gridDim.y * 8) {
        float x[K];
#pragma unroll
        for (int j = 0; j < K; j++) {
            x[j] = column[(((long long)j << p) + b) * along];
        }
#pragma unroll 2
        for (int i = 0; i < K; i++) {
            column[(((long long)i << p) + b) * along] = scale * outer_row<K>((const float4 *)(outer + i * K), x);
        }
    }
}

#define OUTER_KERNEL(K)                                                                                               \
    extern "C" __global__ void __launch_bounds__(256) outer_##K(int vectors, int k, int p, float scale,                \
                                                                const float *outer, float *matrix, long long along,    \
                                                                long long across) {                                    \
        outer_factor<K>(vectors, p, scale, outer, matrix, along, across);                                              \
    }
OUTER_KERNEL(12)
OUTER_KERNEL(20)
OUTER_KERNEL(28)
OUTER_KERNEL(36)
OUTER_KERNEL(52)
OUTER_KERNEL(60)

// Any K. Dynamic shared memory: k * 32 floats, one element of 32 vectors a row; grid.y over 2^p (strided loop).
extern "C" __global__ void __launch_bounds__(256)
    outer_any(int vectors, int k, int p, float scale, const float *outer, float *matrix, long long along,
              long long across) {
    extern __shared__ float values[];
    int vector = blockIdx.x * 32 + threadIdx.x;
    float *column = matrix + vector * across;
    for (int b = blockIdx.y; b < 1 << p; b += gridDim.y) {
        __syncthreads();
        for (int j = threadIdx.y; j < k; j += 8) {
            values[j * 32 + threadIdx.x] = vector < vectors ? column[(((long long)j << p) + b) * along] : 0;
        }
        __syncthreads();
        for (int i = threadIdx.y; i < k; i += 8) {
            float sum = 0;
            for (int j = 0; j < k; j++) {
                sum = fmaf(outer[i * k + j], values[j * 32 + threadIdx.x], sum);
            }
            if (vector < vectors) {
                column[(((long long)i << p) + b) * along] = scale * sum;
            }
        }
    }
}
