// fp32 as the sum of two bf16 numbers, and the sum of two partial Gram matrices: DenseOps.addGram on tensor cores.
//
// x = high + low with |x - high - low| <= 2^-17 |x|, so that XtX = HtH + HtL + (HtL)t + LtL, where the last term is below
// the precision of the first three. Two bf16 products with fp32 sums replace one fp32 product.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loops).
// Defined by ScalarDenseOps.addGram.
#include <cuda_bf16.h>

extern "C" __global__ void split(long long rows, long long columns, const float *source, long long sourceStride,
                                 __nv_bfloat16 *high, __nv_bfloat16 *low) {
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;
             j += (long long)gridDim.x * blockDim.x) {
            float x = source[i * sourceStride + j];
            __nv_bfloat16 h = __float2bfloat16_rn(x);
            high[i * columns + j] = h;
            low[i * columns + j] = __float2bfloat16_rn(x - __bfloat162float(h));
        }
    }
}

// gram += cross + cross transposed; order x order. Launch: 32 x 8 threads, one block a tile of 32 x 32.
extern "C" __global__ void add_symmetric(long long order, const float *cross, float *gram, long long stride) {
    __shared__ float tile[32][33];
    long long left = blockIdx.x * 32LL;
    long long top = blockIdx.y * 32LL;
    for (int k = threadIdx.y; k < 32; k += 8) {
        if (left + k < order && top + threadIdx.x < order) {
            tile[k][threadIdx.x] = cross[(left + k) * order + top + threadIdx.x];
        }
    }
    __syncthreads();
    for (int k = threadIdx.y; k < 32; k += 8) {
        long long i = top + k;
        long long j = left + threadIdx.x;
        if (i < order && j < order) {
            gram[i * stride + j] += cross[i * order + j] + tile[threadIdx.x][k];
        }
    }
}

// The strict upper triangle becomes the transposed lower one. Launch: 32 x 8 threads, one block a tile of 32 x 32 of the
// lower triangle (strided loop over tile rows in grid.y).
extern "C" __global__ void mirror_lower(long long order, float *matrix, long long stride) {
    __shared__ float tile[32][33];
    long long left = blockIdx.x * 32LL;
    for (long long top = blockIdx.y * 32LL; top < order; top += gridDim.y * 32LL) {
        if (left > top) {
            continue;
        }
        for (int k = threadIdx.y; k < 32; k += 8) {
            if (top + k < order && left + threadIdx.x < order) {
                tile[k][threadIdx.x] = matrix[(top + k) * stride + left + threadIdx.x];
            }
        }
        __syncthreads();
        for (int k = threadIdx.y; k < 32; k += 8) {
            long long i = left + k;
            long long j = top + threadIdx.x;
            if (i < j && j < order) {
                matrix[i * stride + j] = tile[threadIdx.x][k];
            }
        }
        __syncthreads();
    }
}
