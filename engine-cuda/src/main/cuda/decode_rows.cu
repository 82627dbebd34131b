// Rows of a server's step, each by itself: DecodeOps. Nothing here waits for the host, and no sum depends on the number of rows or on
// what stands in others.
//
// project    y[i, j] = sum over k of x[i, k] w[j, k]. A warp has one j and up to ROWS rows i: lane l adds k = l, l + 32, ...
// put_rows   row rows[i] of target = row i of source; rows outside of the target are dropped.
//
// Shapes   x [rows x inputs], w [outputs x inputs], y [rows x outputs]; source [count x columns], rows [1 x count], target any rows.
// Launch   project: (ceil(outputs / 8), ceil(rows / ROWS)) blocks of 256. put_rows: a block of 256 a row (strided loop).
// Defined by ScalarDecodeOps.

#define ROWS 8

extern "C" __global__ void __launch_bounds__(256) project(int rows, int outputs, int inputs, const float *x, long long xStride,
                                                          const float *w, long long wStride, float *y, long long yStride) {
    const int lane = threadIdx.x & 31;
    const int j = blockIdx.x * 8 + (threadIdx.x >> 5);
    const int first = blockIdx.y * ROWS;
    const int count = min(ROWS, rows - first);
    if (j >= outputs) {
        return;
    }
    const float *weights = w + j * wStride;
    const float *vectors = x + first * xStride;
    float sum[ROWS] = {};
#pragma unroll 4
    for (int k = lane; k < inputs; k += 32) {
        const float weight = weights[k];
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            if (i < count) {
                sum[i] = fmaf(weight, vectors[i * xStride + k], sum[i]);
            }
        }
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int offset = 16; offset > 0; offset >>= 1) {
            sum[i] += __shfl_xor_sync(~0u, sum[i], offset);
        }
        if (lane == i && i < count) {
            y[(first + i) * yStride + j] = sum[i];
        }
    }
}

extern "C" __global__ void put_rows(int count, int columns, int targetRows, const float *source, long long sourceStride,
                                    const int *rows, float *target, long long targetStride) {
    for (int i = blockIdx.x; i < count; i += gridDim.x) {
        const int row = rows[i];
        if (row < 0 || row >= targetRows) {
            continue;
        }
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            target[row * targetStride + c] = source[i * sourceStride + c];
        }
    }
}
