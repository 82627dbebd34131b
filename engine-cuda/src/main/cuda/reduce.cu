// Reductions to one number: DenseOps.innerProduct, meanDiagonal, allFinite, maxMagnitude.
//
// Sums are in double precision and in a fixed order: every block adds its part, then one block adds the parts, so that the
// same matrix always gives the same bits.
// Launch   inner_product: `parts` blocks of 256 threads; sum_parts and diagonal_sum: one block of 256 threads.
// Defined by ScalarDenseOps.

#include "block.cuh"

extern "C" __global__ void inner_product(long long rows, long long columns, const float *a, long long aStride,
                                         const float *b, long long bStride, double *parts) {
    double sum = 0;
    for (long long i = blockIdx.x; i < rows; i += gridDim.x) {
        for (long long j = threadIdx.x; j < columns; j += blockDim.x) {
            sum += (double)a[i * aStride + j] * b[i * bStride + j];
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = sum;
    }
}

extern "C" __global__ void sum_parts(int count, const double *parts, double *result) {
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        sum += parts[i];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        *result = sum;
    }
}

extern "C" __global__ void diagonal_sum(long long order, const float *matrix, long long stride, double *result) {
    double sum = 0;
    for (long long i = threadIdx.x; i < order; i += blockDim.x) {
        sum += matrix[i * (stride + 1)];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        *result = sum;
    }
}

// *found becomes 1 when an element is infinite or not a number. Launch: any number of blocks of 256 threads.
extern "C" __global__ void find_not_finite(long long rows, long long columns, const float *matrix, long long stride,
                                           int *found) {
    bool bad = false;
    for (long long i = blockIdx.x; i < rows; i += gridDim.x) {
        for (long long j = threadIdx.x; j < columns; j += blockDim.x) {
            bad |= !isfinite(matrix[i * stride + j]);
        }
    }
    if (bad) {
        *found = 1;
    }
}

// *largest, the bits of a float, becomes the largest magnitude if that is larger: magnitudes are ordered as their bits are.
// Launch: any number of blocks of 256 threads.
extern "C" __global__ void max_magnitude(long long rows, long long columns, const float *matrix, long long stride,
                                         int *largest) {
    float most = 0;
    for (long long i = blockIdx.x; i < rows; i += gridDim.x) {
        for (long long j = threadIdx.x; j < columns; j += blockDim.x) {
            float magnitude = fabsf(matrix[i * stride + j]);
            most = magnitude > most || magnitude != magnitude ? magnitude : most;
        }
    }
    atomicMax(largest, __float_as_int(most));
}
