// x / sqrt(mean(x^2) + epsilon) * weight for every row: TransformerOps.rmsNorm.
//
// Shapes   input and output [rows x width], may be the same; weight [1 x width].
// Launch   one block of 256 threads a row (strided loop).
// Defined by ScalarTransformerOps.rmsNorm.

extern "C" __global__ void rms_norm(long long rows, int width, const float *input, long long inputStride,
                                    const float *weight, float epsilon, float *output, long long outputStride) {
    __shared__ double lanes[32];
    for (long long r = blockIdx.x; r < rows; r += gridDim.x) {
        const float *x = input + r * inputStride;
        double sum = 0;
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            sum += (double)x[j] * x[j];
        }
        for (int offset = 16; offset > 0; offset >>= 1) {
            sum += __shfl_xor_sync(~0u, sum, offset);
        }
        __syncthreads();
        if ((threadIdx.x & 31) == 0) {
            lanes[threadIdx.x >> 5] = sum;
        }
        __syncthreads();
        sum = 0;
        for (int warp = 0; warp < (int)(blockDim.x >> 5); warp++) {
            sum += lanes[warp];
        }
        double factor = 1 / sqrt(sum / width + epsilon);
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            output[r * outputStride + j] = (float)(x[j] * factor * weight[j]);
        }
    }
}
