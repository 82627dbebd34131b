// Backward form of the norm: GradientOps.rmsNorm. With r = 1 / sqrt(mean(x^2) + epsilon):
// dx = r (dy w - x r^2 mean(dy w x)), dw += sum of dy x r over rows.
//
// Every block adds up what its rows give for dw, then column_products.cu adds the parts, so that every sum has a fixed order.
//
// Shapes   input, gradient, result [rows x width], result may be gradient; weight [1 x width]; parts [blocks x width].
// Launch   any number of blocks of 256 threads (strided loop over rows); dynamic shared memory: `width` floats.
// Defined by ScalarGradientOps.rmsNorm.

#include "block.cuh"

extern "C" __global__ void rms_norm_gradient(long long rows, int width, const float *input, long long inputStride,
                                             const float *weight, float epsilon, const float *gradient,
                                             long long gradientStride, float *result, long long resultStride,
                                             float *parts) {
    extern __shared__ float sums[];
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
        sums[j] = 0; // each column has one thread
    }
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *x = input + r * inputStride;
        const float *dy = gradient + r * gradientStride;
        double squares = 0;
        double products = 0;
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            squares += (double)x[j] * x[j];
            products += (double)dy[j] * weight[j] * x[j];
        }
        squares = block_sum(squares);
        products = block_sum(products);
        const double norm = 1 / sqrt(squares / width + epsilon);
        const double along = norm * norm * products / width;
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            const float slope = dy[j];
            const double at = x[j];
            sums[j] += (float)(slope * at * norm);
            result[r * resultStride + j] = (float)(norm * ((double)slope * weight[j] - along * at)); // terms may cancel
        }
    }
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
        parts[(long long)blockIdx.x * width + j] = sums[j];
    }
}
