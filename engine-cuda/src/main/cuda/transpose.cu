// target = source transposed: DenseOps.transpose.
//
// Shapes   source rows x columns, target columns x rows.
// Launch   blocks of 32 x 8 threads, one block a tile of 32 x 32 (strided loop over tile rows in grid.y); the tile's rows
//          are padded by one word so that both directions are free of bank conflicts.
// Defined by ScalarDenseOps.transpose.

extern "C" __global__ void transpose(long long rows, long long columns, const float *source, long long sourceStride,
                                     float *target, long long targetStride) {
    __shared__ float tile[32][33];
    long long left = blockIdx.x * 32LL;
    for (long long top = blockIdx.y * 32LL; top < rows; top += gridDim.y * 32LL) {
        for (int k = threadIdx.y; k < 32; k += 8) {
            if (top + k < rows && left + threadIdx.x < columns) {
                tile[k][threadIdx.x] = source[(top + k) * sourceStride + left + threadIdx.x];
            }
        }
        __syncthreads();
        for (int k = threadIdx.y; k < 32; k += 8) {
            if (left + k < columns && top + threadIdx.x < rows) {
                target[(left + k) * targetStride + top + threadIdx.x] = tile[threadIdx.x][k];
            }
        }
        __syncthreads();
    }
}
