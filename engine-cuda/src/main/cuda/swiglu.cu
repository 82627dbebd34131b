// gate = silu(gate) * up: TransformerOps.swiGlu.
//
// Shapes   both rows x columns.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loops).
// Defined by ScalarTransformerOps.swiGlu.

extern "C" __global__ void swiglu(long long rows, long long columns, float *gate, long long gateStride, const float *up,
                                  long long upStride) {
    for (long long i = blockIdx.y; i < rows; i += gridDim.y) {
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;
             j += (long long)gridDim.x * blockDim.x) {
            float g = gate[i * gateStride + j];
            gate[i * gateStride + j] = g / (1 + expf(-g)) * up[i * upStride + j];
        }
    }
}
