// Conversions between fp32 and 16-bit floats: operands of the tensor cores, and tensors as they are in files.
//
// narrow   bf16 of a matrix, without gaps, to nearest even. Launch: 256 threads, grid.x over groups of eight columns, grid.y over
//          rows (strided loop). columns a multiple of 8, rows of the source 16-byte aligned when `vectors`.
// widen    fp32 of a matrix without gaps, type 0 for bf16, 1 for fp16. Launch: as elements of 256 threads a row (strided loop).
// Defined by DenseOps.multiplyActivations and by the formats themselves.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

static __device__ __forceinline__ uint32_t pair(float low, float high) {
    __nv_bfloat162 v = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<uint32_t *>(&v);
}

extern "C" __global__ void narrow(long long rows, long long columns, int vectors, const float *source, long long stride,
                                  __nv_bfloat16 *target) {
    long long j = 8 * (blockIdx.x * (long long)blockDim.x + threadIdx.x);
    if (j >= columns) {
        return;
    }
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        const float *from = source + i * stride + j;
        float v[8];
        if (vectors) {
            float4 a = *(const float4 *)from;
            float4 b = *(const float4 *)(from + 4);
            v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w, v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
        } else {
#pragma unroll
            for (int c = 0; c < 8; c++) {
                v[c] = from[c];
            }
        }
        *(uint4 *)(target + i * columns + j) =
            make_uint4(pair(v[0], v[1]), pair(v[2], v[3]), pair(v[4], v[5]), pair(v[6], v[7]));
    }
}

extern "C" __global__ void widen(long long rows, long long columns, int type, const uint16_t *source, float *target,
                                 long long stride) {
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;
             j += (long long)gridDim.x * blockDim.x) {
            uint16_t bits = source[i * columns + j];
            target[i * stride + j] =
                type == 0 ? __uint_as_float((uint32_t)bits << 16) : __half2float(__ushort_as_half(bits));
        }
    }
}
