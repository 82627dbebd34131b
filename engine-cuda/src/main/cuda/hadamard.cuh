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
