// gate = activation(gate) * up: TransformerOps.gate, a kernel for every activation.
//
// Shapes   both rows x columns with a stride.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loops).
// Defined by ScalarTransformerOps.gate.
#include "gates.cuh"

#define GATE(NAME, ACTIVATION)                                                                                        \
    extern "C" __global__ void NAME(long long rows, long long columns, float *gate, long long gateStride,              \
                                    const float *up, long long upStride) {                                             \
        for (long long i = blockIdx.y; i < rows; i += gridDim.y) {                                                     \
            for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;                          \
                 j += (long long)gridDim.x * blockDim.x) {                                                             \
                const float g = gate[i * gateStride + j];                                                              \
                gate[i * gateStride + j] = ACTIVATION::value(g) * ACTIVATION::factor(up[i * upStride + j]);            \
            }                                                                                                          \
        }                                                                                                              \
    }

GATE(silu, Silu)
GATE(gelu_tanh, GeluTanh)
GATE(gelu, Gelu)
GATE(clamped_swish, ClampedSwish)
