// Tiles of 64 rows of bf16 in shared memory, for a block of 128 threads; a row is followed by 8 elements of padding.
#pragma once
#include "tensor.cuh"

static __device__ __forceinline__ void fetch16(uint32_t target, const void *source, bool there) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target), "l"(source), "r"(there ? 16 : 0));
}

static __device__ __forceinline__ void load_matrices(uint32_t (&r)[4], uint32_t address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address));
}

static __device__ __forceinline__ void load_transposed(uint32_t (&r)[4], uint32_t address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(address));
}

static __device__ __forceinline__ float power_of_two(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

static constexpr float LOG2_E = 1.4426950408889634f;

// What makes a score in powers of two of the product of a query and a key.
struct Score {
    float factor; // of the product
    float cap;    // in powers of two; 0 for none
    float steep;  // of the product, in the exponent of the hyperbolic tangent

    static __device__ __forceinline__ Score from(float scale, float cap) {
        return {scale * LOG2_E, cap * LOG2_E, cap > 0 ? 2 * scale * LOG2_E / cap : 0};
    }

    // cap * tanh(x / cap) of the scaled product x, or x without a cap. `slope`: its derivative with respect to x.
    __device__ __forceinline__ float of(float product, float &slope) const {
        if (cap > 0) {
            const float tanh = 1 - __fdividef(2, 1 + power_of_two(product * steep));
            slope = 1 - tanh * tanh;
            return cap * tanh;
        }
        slope = 1;
        return product * factor;
    }
};

// A tile on its way into shared memory; rows beyond the last are zero.
template <int WIDTH>
static __device__ __forceinline__ void fetch_tile(uint32_t target, const __nv_bfloat16 *rows, long long stride, int count) {
#pragma unroll
    for (int e = threadIdx.x; e < 64 * WIDTH / 8; e += 128) {
        int r = e / (WIDTH / 8);
        int c = e % (WIDTH / 8) * 8;
        bool there = r < count;
        fetch16(target + (r * (WIDTH + 8) + c) * 2, rows + (there ? r * stride : 0) + c, there);
    }
}

static __device__ __forceinline__ void commit_fetches() { asm volatile("cp.async.commit_group;"); }

// Waits for all but the last group of fetches, or for all.
static __device__ __forceinline__ void await_fetches(bool all) {
    if (all) {
        asm volatile("cp.async.wait_group 0;");
    } else {
        asm volatile("cp.async.wait_group 1;");
    }
}
