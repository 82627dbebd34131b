// Columns of a matrix: DenseOps.gatherColumns and columnEnergies.
//
// gather    target [rows x columns], column j of it is column chosen[j] of the source. Launch: as elements of 256 threads a row
//           (strided loop).
// energies  sums of squares of every column, in double precision and in a fixed order. Launch: 256 threads as 32 columns x 8
//           rows, one block for 32 columns.
// Defined by ScalarDenseOps.

extern "C" __global__ void gather(long long rows, long long columns, const float *source, long long sourceStride,
                                  const int *chosen, float *target, long long targetStride) {
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;
             j += (long long)gridDim.x * blockDim.x) {
            target[i * targetStride + j] = source[i * sourceStride + chosen[j]];
        }
    }
}

extern "C" __global__ void energies(long long rows, long long columns, const float *matrix, long long stride, float *sums) {
    __shared__ double parts[8][33];
    const int lane = threadIdx.x & 31;
    const int row = threadIdx.x >> 5;
    const long long column = blockIdx.x * 32LL + lane;
    double sum = 0;
    for (long long i = row; column < columns && i < rows; i += 8) {
        double value = matrix[i * stride + column];
        sum += value * value;
    }
    parts[row][lane] = sum;
    __syncthreads();
    if (row == 0 && column < columns) {
        for (int k = 1; k < 8; k++) {
            sum += parts[k][lane];
        }
        sums[column] = (float)sum;
    }
}
