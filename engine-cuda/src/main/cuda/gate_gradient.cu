// Of value(gate) * factor(up): d gate = dy factor(up) value'(gate), d up = dy value(gate) factor'(up): GradientOps.gate, a kernel
// for every activation.
//
// Shapes   all rows x columns with a stride; results may be any of the inputs.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loops).
// Defined by ScalarGradientOps.gate.
#include "gates.cuh"

#define GATE_GRADIENT(NAME, ACTIVATION)                                                                               \
    extern "C" __global__ void NAME(long long rows, long long columns, const float *gate, long long gateStride,        \
                                    const float *up, long long upStride, const float *gradient,                        \
                                    long long gradientStride, float *gateGradient, long long gateGradientStride,       \
                                    float *upGradient, long long upGradientStride) {                                   \
        for (long long i = blockIdx.y; i < rows; i += gridDim.y) {                                                     \
            for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;                          \
                 j += (long long)gridDim.x * blockDim.x) {                                                             \
                const float x = gate[i * gateStride + j];                                                              \
                const float u = up[i * upStride + j];                                                                  \
                const float dy = gradient[i * gradientStride + j];                                                     \
                gateGradient[i * gateGradientStride + j] = dy * ACTIVATION::factor(u) * ACTIVATION::slope(x);          \
                upGradient[i * upGradientStride + j] = dy * (ACTIVATION::value(x) * ACTIVATION::factor_slope(u));      \
            }                                                                                                          \
        }                                                                                                              \
    }

GATE_GRADIENT(silu, Silu)
GATE_GRADIENT(gelu_tanh, GeluTanh)
GATE_GRADIENT(gelu, Gelu)
GATE_GRADIENT(clamped_swish, ClampedSwish)
