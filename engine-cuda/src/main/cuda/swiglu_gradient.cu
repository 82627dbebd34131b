// Of silu(gate) * up, with s = 1 / (1 + exp(-gate)): d gate = dy up s (1 + gate (1 - s)), d up = dy gate s: GradientOps.swiGlu.
//
// Shapes   all rows x columns with a stride; results may be any of the inputs.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loops).
// Defined by ScalarGradientOps.swiGlu.

extern "C" __global__ void swiglu_gradient(long long rows, long long columns, const float *gate, long long gateStride,
                                           const float *up, long long upStride, const float *gradient,
                                           long long gradientStride, float *gateGradient, long long gateGradientStride,
                                           float *upGradient, long long upGradientStride) {
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;
             j += (long long)gridDim.x * blockDim.x) {
            const float x = gate[i * gateStride + j];
            const float factor = up[i * upStride + j];
            const float slope = gradient[i * gradientStride + j];
            const float sigmoid = 1 / (1 + expf(-x));
            gateGradient[i * gateGradientStride + j] = slope * factor * (sigmoid * (1 + x * (1 - sigmoid)));
            upGradient[i * upGradientStride + j] = slope * (x * sigmoid);
        }
    }
}
