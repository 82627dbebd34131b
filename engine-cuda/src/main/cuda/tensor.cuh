// Products of 16-bit matrices on the tensor cores, a warp at a time: m16n8k16 with fp32 sums.
//
// Of a warp's lane, g = lane / 4 and q = lane % 4. Two 16-bit numbers a register, the lower k first:
//   A [16 x 16]  a0: row g, k 2q   a1: row g + 8, k 2q   a2: row g, k 2q + 8   a3: row g + 8, k 2q + 8
//   B [16 x 8]   b0: k 2q, column g   b1: k 2q + 8, column g
//   C [16 x 8]   c0, c1: row g, columns 2q, 2q + 1   c2, c3: row g + 8
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

template <typename T>
static __device__ __forceinline__ void multiply_add(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

template <>
__device__ __forceinline__ void multiply_add<__half>(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

template <>
__device__ __forceinline__ void multiply_add<__nv_bfloat16>(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The product alone.
template <typename T>
static __device__ __forceinline__ void product(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

template <>
__device__ __forceinline__ void product<__half>(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};"
                 : "=f"(c[0]), "=f"(c[1]), "=f"(c[2]), "=f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "f"(0.0f));
}

template <>
__device__ __forceinline__ void product<__nv_bfloat16>(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};"
                 : "=f"(c[0]), "=f"(c[1]), "=f"(c[2]), "=f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "f"(0.0f));
}

static __device__ __forceinline__ uint32_t packed(__half2 v) { return *reinterpret_cast<uint32_t *>(&v); }
static __device__ __forceinline__ uint32_t packed(__nv_bfloat162 v) { return *reinterpret_cast<uint32_t *>(&v); }

// Two floats as two 16-bit numbers, the first in the lower half.
template <typename T> static __device__ __forceinline__ uint32_t rounded_pair(float low, float high);
template <> __device__ __forceinline__ uint32_t rounded_pair<__half>(float low, float high) {
    return packed(__floats2half2_rn(low, high));
}
template <> __device__ __forceinline__ uint32_t rounded_pair<__nv_bfloat16>(float low, float high) {
    return packed(__floats2bfloat162_rn(low, high));
}
