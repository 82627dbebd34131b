// What the two Hadamard kernels share: the butterflies of 2^R values in registers, and the storage types.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

static __device__ __forceinline__ float load(const float *p) { return *p; }
static __device__ __forceinline__ float load(const __half *p) { return __half2float(*p); }
static __device__ __forceinline__ float load(const __nv_bfloat16 *p) { return __bfloat162float(*p); }
static __device__ __forceinline__ void store(float *p, float v) { *p = v; }
static __device__ __forceinline__ void store(__half *p, float v) { *p = __float2half_rn(v); }
static __device__ __forceinline__ void store(__nv_bfloat16 *p, float v) { *p = __float2bfloat16_rn(v); }

// Sylvester's transform of v[0], v[1], ... v[2^R - 1].
template <int R> static __device__ __forceinline__ void butterflies(float (&v)[1 << R]) {
#pragma unroll
    for (int h = 1; h < 1 << R; h *= 2) {
#pragma unroll
        for (int i = 0; i < 1 << R; i++) {
            if ((i & h) == 0) {
                float a = v[i];
                float b = v[i + h];
                v[i] = a + b;
                v[i + h] = a - b;
            }
        }
    }
}

// Row i of the small matrix, in shared memory and 16-byte aligned, times the K values of one column.
template <int K> static __device__ __forceinline__ float outer_row(const float4 *row, const float (&x)[K]) {
    float sum = 0;
#pragma unroll
    for (int q = 0; q < K / 4; q++) {
        float4 m = row[q];
        sum = fmaf(m.x, x[4 * q], sum);
        sum = fmaf(m.y, x[4 * q + 1], sum);
        sum = fmaf(m.z, x[4 * q + 2], sum);
        sum = fmaf(m.w, x[4 * q + 3], sum);
    }
    return sum;
}

// 1 for squares modulo the prime Q, -1 for others, 0 for multiples of Q.
static constexpr __host__ __device__ int legendre(int a, int Q) {
    int power = 1;
    int base = (a % Q + Q) % Q;
    for (int i = 0; i < (Q - 1) / 2; i++) {
        power = power * base % Q;
    }
    return power == Q - 1 ? -1 : power;
}

// Orders whose signs are written into the code, so that a product is an addition: 12 by Paley's first construction, 28 by
// his second (SmallHadamard).
template <int K> static constexpr bool HAS_SIGNS = K == 12 || K == 28;

template <int K> static constexpr __host__ __device__ int conference(int i, int j) {
    return i == j ? 0 : i == 0 || j == 0 ? 1 : legendre(i - j, K / 2 - 1);
}

template <int K> static constexpr __host__ __device__ int small_sign(int i, int j) {
    if (K == 12) {
        return j == 0 || i == j ? 1 : i == 0 ? -1 : legendre(i - j, K - 1);
    }
    constexpr int half = K / 2;
    int c = conference<K>(i % half, j % half);
    int e = i % half == j % half ? 1 : 0;
    return i < half ? (j < half ? c + e : c - e) : (j < half ? c - e : -c - e);
}

template <int K> struct Signs {
    unsigned negative[K][(K + 31) / 32];
    constexpr Signs() : negative{} {
        for (int i = 0; i < K; i++) {
            for (int j = 0; j < K; j++) {
                if (small_sign<K>(i, j) < 0) {
                    negative[i][j / 32] |= 1u << (j % 32);
                }
            }
        }
    }
    constexpr __host__ __device__ bool minus(int i, int j) const { return negative[i][j / 32] >> (j % 32) & 1; }
};

// Row I of the small matrix (column I for the inverse) times the K values of one column.
template <int K, bool INVERSE, int I, int J = 0>
static __device__ __forceinline__ float signed_sum(const float (&x)[K], float sum) {
    if constexpr (J == K) {
        return sum;
    } else {
        constexpr Signs<K> signs;
        constexpr bool minus = INVERSE ? signs.minus(J, I) : signs.minus(I, J);
        return signed_sum<K, INVERSE, I, J + 1>(x, minus ? sum - x[J] : sum + x[J]);
    }
}
