// x / sqrt(mean(x^2) + epsilon) * weight for every row: TransformerOps.rmsNorm.
//
// Shapes   input and output [rows x width], may be the same; weight [1 x width].
// Launch   one block of 256 threads a row (strided loop).
// Defined by ScalarTransformerOps.rmsNorm.

#include "block.cuh"

extern "C" __global__ void rms_norm(long long rows, int width, const float *input, long long inputStride,
                                    const float *weight, float epsilon, float *output, long long outputStride) {
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *x = input + r * inputStride;
        double sum = 0;
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            sum += (double)x[j] * x[j];
        }
        sum = block_sum(sum);
        double factor = 1 / sqrt(sum / width + epsilon);
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            output[r * outputStride + j] = (float)(x[j] * factor * weight[j]);
        }
    }
}
