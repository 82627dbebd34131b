// What evaluation asks of logits, one value a row: TransformerOps.logProbabilities, divergence and argmaxRows.
//
// Shapes   logits, reference, candidate [rows x classes]; targets [1 x rows]; result [rows].
// Launch   one block of 256 threads a row (strided loop). Sums are in double precision, in a fixed order.
// Defined by ScalarTransformerOps.

#include "softmax.cuh"

extern "C" __global__ void log_probabilities(long long rows, int classes, const float *logits, long long stride,
                                             const int *targets, double *result) {
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *row = logits + r * stride;
        double total = log_sum(row, classes);
        if (threadIdx.x == 0) {
            int target = targets[r];
            result[r] = target >= 0 && target < classes ? row[target] - total : nan("");
        }
    }
}

extern "C" __global__ void divergence(long long rows, int classes, const float *reference, long long referenceStride,
                                      const float *candidate, long long candidateStride, double *result) {
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *p = reference + r * referenceStride;
        const float *q = candidate + r * candidateStride;
        double pTotal = log_sum(p, classes);
        double qTotal = log_sum(q, classes);
        double sum = 0;
        for (int j = threadIdx.x; j < classes; j += blockDim.x) {
            double logP = p[j] - pTotal;
            sum += exp(logP) * (logP - (q[j] - qTotal));
        }
        sum = block_sum(sum);
        if (threadIdx.x == 0) {
            result[r] = sum;
        }
    }
}

extern "C" __global__ void argmax_rows(long long rows, int columns, const float *matrix, long long stride,
                                       int *result) {
    __shared__ float values[256];
    __shared__ int indices[256];
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *row = matrix + r * stride;
        float best = -__int_as_float(0x7f800000);
        int index = columns;
        for (int j = threadIdx.x; j < columns; j += blockDim.x) {
            if (row[j] > best || index == columns) {
                best = row[j];
                index = j;
            }
        }
        __syncthreads();
        values[threadIdx.x] = best;
        indices[threadIdx.x] = index;
        __syncthreads();
        for (int half = blockDim.x / 2; half > 0; half >>= 1) {
            if (threadIdx.x < half) {
                float other = values[threadIdx.x + half];
                int otherIndex = indices[threadIdx.x + half];
                bool taken = otherIndex < columns &&
                             (indices[threadIdx.x] == columns || other > values[threadIdx.x] ||
                              (other == values[threadIdx.x] && otherIndex < indices[threadIdx.x]));
                if (taken) {
                    values[threadIdx.x] = other;
                    indices[threadIdx.x] = otherIndex;
                }
            }
            __syncthreads();
        }
        if (threadIdx.x == 0) {
            result[r] = indices[0];
        }
    }
}
