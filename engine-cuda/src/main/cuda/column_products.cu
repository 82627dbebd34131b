// Sums over rows in a fixed order: GradientOps.addColumnProducts and addColumnSums, and the last step of rmsNorm.
//
// products   parts[p, j] = sum of a b over the rows of part p. Launch: grid (ceil(columns / 256), parts), 256 threads.
// sums       parts[p, j] = sum of a over the rows of part p. Launch: likewise.
// add_parts  sums[j] += sum of parts[p, j] over p, in double precision. Launch: ceil(columns / 32) blocks of 32 x 8 threads.
//
// Shapes   a, b rows x columns with a stride; parts [count x columns].
// Defined by ScalarGradientOps.addColumnProducts and addColumnSums.

extern "C" __global__ void products(long long rows, int columns, const float *a, long long aStride, const float *b,
                                    long long bStride, float *parts) {
    const int j = blockIdx.x * 256 + threadIdx.x;
    if (j >= columns) {
        return;
    }
    const long long each = (rows + gridDim.y - 1) / gridDim.y;
    const long long end = min(rows, (blockIdx.y + 1) * each);
    float sum = 0;
#pragma unroll 4
    for (long long i = blockIdx.y * each; i < end; i++) {
        sum = fmaf(a[i * aStride + j], b[i * bStride + j], sum);
    }
    parts[(long long)blockIdx.y * columns + j] = sum;
}

extern "C" __global__ void sums(long long rows, int columns, const float *a, long long aStride, float *parts) {
    const int j = blockIdx.x * 256 + threadIdx.x;
    if (j >= columns) {
        return;
    }
    const long long each = (rows + gridDim.y - 1) / gridDim.y;
    const long long end = min(rows, (blockIdx.y + 1) * each);
    float sum = 0;
#pragma unroll 4
    for (long long i = blockIdx.y * each; i < end; i++) {
        sum += a[i * aStride + j];
    }
    parts[(long long)blockIdx.y * columns + j] = sum;
}

extern "C" __global__ void add_parts(int count, int columns, const float *parts, float *sums) {
    __shared__ double rows[8][32];
    const int j = blockIdx.x * 32 + threadIdx.x;
    double sum = 0;
    if (j < columns) {
#pragma unroll 4
        for (int p = threadIdx.y; p < count; p += 8) {
            sum += parts[(long long)p * columns + j];
        }
    }
    rows[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && j < columns) {
        for (int k = 1; k < 8; k++) {
            sum += rows[k][threadIdx.x];
        }
        sums[j] = (float)(sums[j] + sum);
    }
}
