// Losses with their gradients: GradientOps.squaredError and divergence. Sums are in double precision, in a fixed order; every
// block writes its part, which reduce.cu adds.
//
// squared_error  Launch: any number of blocks of 256 threads (strided loop over rows).
// divergence     D(softmax(reference) || softmax(candidate)) of a row. Launch: any number of blocks of 256 threads, a row at a
//                time (strided loop).
//
// Shapes   matrices rows x columns with a stride; gradient may be output or candidate; parts one a block.
// Defined by ScalarGradientOps.

#include "softmax.cuh"

extern "C" __global__ void squared_error(long long rows, int columns, const float *output, long long outputStride,
                                         const float *target, long long targetStride, float factor, float *gradient,
                                         long long gradientStride, double *parts) {
    double sum = 0;
    for (long long i = blockIdx.x; i < rows; i += gridDim.x) {
        for (int j = threadIdx.x; j < columns; j += blockDim.x) {
            const float difference = output[i * outputStride + j] - target[i * targetStride + j];
            sum += (double)difference * difference;
            gradient[i * gradientStride + j] = 2 * factor * difference;
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = sum;
    }
}

extern "C" __global__ void divergence(long long rows, int classes, const float *reference, long long referenceStride,
                                      const float *candidate, long long candidateStride, float factor, float *gradient,
                                      long long gradientStride, double *parts) {
    double sum = 0;
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *p = reference + r * referenceStride;
        const float *q = candidate + r * candidateStride;
        const double pTotal = log_sum(p, classes);
        const double qTotal = log_sum(q, classes);
        for (int j = threadIdx.x; j < classes; j += blockDim.x) {
            const double logP = p[j] - pTotal;
            const double logQ = q[j] - qTotal;
            const float weight = expf((float)logP);
            sum += weight * (logP - logQ);
            gradient[r * gradientStride + j] = factor * (expf((float)logQ) - weight);
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = sum;
    }
}
