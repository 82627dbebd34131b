// The functions in the gates of MLPs: a gated product is value(gate) * factor(up). All are finite for arguments up to 1e38.
#pragma once

static __device__ __forceinline__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }

// silu(x) = x / (1 + exp(-x)).
struct Silu {
    static __device__ __forceinline__ float value(float x) { return x / (1 + expf(-x)); }
    static __device__ __forceinline__ float slope(float x) {
        const float s = sigmoid(x);
        return s * (1 + x * (1 - s));
    }
    static __device__ __forceinline__ float factor(float up) { return up; }
    static __device__ __forceinline__ float factor_slope(float) { return 1; }
};

// x / 2 (1 + tanh(u)) = x sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3); beyond 10 the sigmoid is 0 or 1.
struct GeluTanh {
    static constexpr float TWICE_ROOT = 1.5957691216057308f; // 2 sqrt(2 / pi)
    static constexpr float CUBIC = 0.044715f;
    static __device__ __forceinline__ float bounded(float x) { return fminf(fmaxf(x, -10.0f), 10.0f); }
    static __device__ __forceinline__ float share(float argument) {
        const float x = bounded(argument);
        return sigmoid(TWICE_ROOT * (x + CUBIC * x * x * x));
    }
    static __device__ __forceinline__ float value(float x) { return x * share(x); }
    static __device__ __forceinline__ float slope(float argument) {
        const float x = bounded(argument);
        const float s = share(x);
        return s + x * s * (1 - s) * (TWICE_ROOT * (1 + 3 * CUBIC * x * x));
    }
    static __device__ __forceinline__ float factor(float up) { return up; }
    static __device__ __forceinline__ float factor_slope(float) { return 1; }
};

// x / 2 (1 + erf(x / sqrt(2))) = x / 2 erfc(-x / sqrt(2)).
struct Gelu {
    static __device__ __forceinline__ float share(float x) { return 0.5f * erfcf(x * -0.70710678118654752f); }
    static __device__ __forceinline__ float value(float x) { return x * share(x); }
    static __device__ __forceinline__ float slope(float x) {
        return share(x) + x * (0.3989422804014327f * expf(-0.5f * x * x));
    }
    static __device__ __forceinline__ float factor(float up) { return up; }
    static __device__ __forceinline__ float factor_slope(float) { return 1; }
};

// gpt-oss: g sigmoid(1.702 g) with g = min(x, 7), times up within +-7 plus 1. Beyond the clamps the derivatives are zero.
struct ClampedSwish {
    static constexpr float LIMIT = 7;
    static constexpr float STEEPNESS = 1.702f;
    static __device__ __forceinline__ float value(float x) {
        const float g = fminf(x, LIMIT);
        return g * sigmoid(STEEPNESS * g);
    }
    static __device__ __forceinline__ float slope(float x) {
        const float s = sigmoid(STEEPNESS * x);
        return x > LIMIT ? 0 : s * (1 + STEEPNESS * x * (1 - s));
    }
    static __device__ __forceinline__ float factor(float up) { return fminf(fmaxf(up, -LIMIT), LIMIT) + 1; }
    static __device__ __forceinline__ float factor_slope(float up) { return fabsf(up) > LIMIT ? 0 : 1; }
};
