// Operations on whole rows.
//
// center        subtracts from every row its mean, which is summed in double precision: DenseOps.centerRows.
// add_rows      row rows[i] of target += weights[i] * row i of source; no row of the target is named twice:
//               TransformerOps.addRows. *wrong becomes 1 + i for a row outside of the target.
// row_products  products[i] = sum over j of a[i, j] b[i, j] in double precision: GradientOps.rowProducts.
//
// Shapes   matrices with a stride; rows and weights [1 x count].
// Launch   one block of 256 threads a row (strided loop).
// Defined by the scalar operations of these names.
#include "softmax.cuh"

extern "C" __global__ void center(long long rows, int columns, float *matrix, long long stride) {
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        float *x = matrix + r * stride;
        double sum = 0;
        for (int j = threadIdx.x; j < columns; j += blockDim.x) {
            sum += x[j];
        }
        const double mean = block_sum(sum) / columns;
        for (int j = threadIdx.x; j < columns; j += blockDim.x) {
            x[j] = (float)(x[j] - mean);
        }
    }
}

extern "C" __global__ void add_rows(int count, int columns, int targetRows, const float *source, long long sourceStride,
                                    const int *rows, const float *weights, float *target, long long targetStride, int *wrong) {
    for (int i = blockIdx.x; i < count; i += gridDim.x) {
        const int row = rows[i];
        if (row < 0 || row >= targetRows) {
            *wrong = 1 + i;
            continue;
        }
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            float *at = target + row * targetStride + c;
            *at = fmaf(weights[i], source[i * sourceStride + c], *at);
        }
    }
}

extern "C" __global__ void row_products(long long rows, int columns, const float *a, long long aStride, const float *b,
                                        long long bStride, float *products) {
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        double sum = 0;
        for (int j = threadIdx.x; j < columns; j += blockDim.x) {
            sum += (double)a[r * aStride + j] * b[r * bStride + j];
        }
        sum = block_sum(sum);
        if (threadIdx.x == 0) {
            products[r] = (float)sum;
        }
    }
}
