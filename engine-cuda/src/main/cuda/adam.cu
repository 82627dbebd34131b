// One step of Adam; the gradient is zero afterwards: GradientOps.adam.
//
// Shapes   all rows x columns with a stride.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loops).
// Defined by ScalarGradientOps.adam.

extern "C" __global__ void adam(long long rows, long long columns, float rate, float beta1, float beta2, float rest1,
                                float rest2, float meanCorrection, float squareCorrection, float epsilon,
                                float *parameter, long long parameterStride, float *gradient, long long gradientStride,
                                float *mean, long long meanStride, float *square, long long squareStride) {
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;
             j += (long long)gridDim.x * blockDim.x) {
            const float slope = gradient[i * gradientStride + j];
            const float first = beta1 * mean[i * meanStride + j] + rest1 * slope;
            const float second = beta2 * square[i * squareStride + j] + rest2 * (slope * slope);
            mean[i * meanStride + j] = first;
            square[i * squareStride + j] = second;
            gradient[i * gradientStride + j] = 0;
            parameter[i * parameterStride + j] -= rate * (first * meanCorrection / (sqrtf(second * squareCorrection) + epsilon));
        }
    }
}
