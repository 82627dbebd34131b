// Backward form of causal softmax attention in fp32: GradientOps.causalAttention of short windows and of any head width.
//
// With p = softmax(scale q k), o = p v, D = sum p (do v): dv = pT do, ds = p (do v - D), dq = scale ds k, dk = scale dsT q.
//
// queries  gradients of queries, a warp each, whose weights are in shared memory. Also writes the largest score, the inverse of
//          the sum of exponentials and D of every query. Launch: grid (ceil(length / warps), heads, windows), dynamic shared
//          memory: two rows of `length` floats a warp.
// keys     gradients of keys and values, a warp each. Launch: grid (ceil(length / warps), keyHeads, windows).
//
// Shapes   query, outputGradient, queryGradient [windows * length x heads * width], key, value and their gradients [windows *
//          length x keyHeads * width], width at most 256; numbers [windows x heads x length] of float4.
// Defined by ScalarGradientOps.causalAttention.

static constexpr int OWN = 8; // columns of a lane

static __device__ __forceinline__ float warp_sum(float value) {
    for (int offset = 16; offset > 0; offset >>= 1) {
        value += __shfl_xor_sync(~0u, value, offset);
    }
    return value;
}

static __device__ __forceinline__ float warp_max(float value) {
    for (int offset = 16; offset > 0; offset >>= 1) {
        value = fmaxf(value, __shfl_xor_sync(~0u, value, offset));
    }
    return value;
}

static __device__ __forceinline__ float dot(const float *a, const float *b, int width) {
    float sum = 0;
    for (int c = 0; c < width; c++) {
        sum = fmaf(a[c], b[c], sum);
    }
    return sum;
}

extern "C" __global__ void queries(int keyHeads, int width, int length, float scale, const float *query, long long queryStride,
                                   const float *key, long long keyStride, const float *value, long long valueStride,
                                   const float *outputGradient, long long outputStride, float *queryGradient,
                                   long long queryGradientStride, float4 *numbers) {
    extern __shared__ float shared[];
    const int warp = threadIdx.x / 32;
    const int lane = threadIdx.x % 32;
    const int own = blockIdx.x * (blockDim.x / 32) + warp;
    const int head = blockIdx.y;
    const int keyHead = head / (gridDim.y / keyHeads);
    if (own >= length) {
        return;
    }
    float *weights = shared + 2 * warp * length;
    float *slopes = weights + length;
    const long long row = (long long)blockIdx.z * length;
    const float *x = query + (row + own) * queryStride + head * width;
    const float *gradient = outputGradient + (row + own) * outputStride + head * width;
    const float *keys = key + row * keyStride + keyHead * width;
    const float *values = value + row * valueStride + keyHead * width;
    float largest = -1e30f;
    for (int t = lane; t <= own; t += 32) {
        weights[t] = scale * dot(x, keys + t * keyStride, width);
        slopes[t] = dot(gradient, values + t * valueStride, width);
        largest = fmaxf(largest, weights[t]);
    }
    largest = warp_max(largest);
    float sum = 0;
    for (int t = lane; t <= own; t += 32) {
        weights[t] = expf(weights[t] - largest);
        sum += weights[t];
    }
    const float inverse = 1 / warp_sum(sum);
    float mean = 0;
    for (int t = lane; t <= own; t += 32) {
        weights[t] *= inverse;
        mean = fmaf(weights[t], slopes[t], mean);
    }
    mean = warp_sum(mean);
    __syncwarp();
    for (int c = lane; c < width; c += 32) {
        float result = 0;
        for (int t = 0; t <= own; t++) {
            result = fmaf(weights[t] * (slopes[t] - mean), keys[t * keyStride + c], result);
        }
        queryGradient[(row + own) * queryGradientStride + head * width + c] = scale * result;
    }
    if (lane == 0) {
        numbers[((long long)blockIdx.z * gridDim.y + head) * length + own] = make_float4(largest, inverse, mean, 0);
    }
}

extern "C" __global__ void keys(int heads, int width, int length, float scale, const float *query, long long queryStride,
                                const float *key, long long keyStride, const float *value, long long valueStride,
                                const float *outputGradient, long long outputStride, const float4 *numbers,
                                float *keyGradient, long long keyGradientStride, float *valueGradient,
                                long long valueGradientStride) {
    const int lane = threadIdx.x % 32;
    const int own = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    const int sharing = heads / gridDim.y;
    if (own >= length) {
        return;
    }
    const long long row = (long long)blockIdx.z * length;
    const float *k = key + (row + own) * keyStride + blockIdx.y * width;
    const float *v = value + (row + own) * valueStride + blockIdx.y * width;
    float keySums[OWN] = {}, valueSums[OWN] = {};
    for (int head = blockIdx.y * sharing; head < (blockIdx.y + 1) * sharing; head++) {
        for (int base = own; base < length; base += 32) {
            const int i = base + lane;
            float weight = 0, slope = 0;
            if (i < length) {
                const float4 number = numbers[((long long)blockIdx.z * heads + head) * length + i];
                weight = expf(scale * dot(query + (row + i) * queryStride + head * width, k, width) - number.x) * number.y;
                slope = weight *
                        (dot(outputGradient + (row + i) * outputStride + head * width, v, width) - number.z);
            }
            for (int s = 0; s < 32 && base + s < length; s++) {
                const float w = __shfl_sync(~0u, weight, s);
                const float d = __shfl_sync(~0u, slope, s);
                const float *x = query + (row + base + s) * queryStride + head * width;
                const float *g = outputGradient + (row + base + s) * outputStride + head * width;
#pragma unroll
                for (int o = 0; o < OWN; o++) {
                    const int c = lane + 32 * o;
                    if (c < width) {
                        keySums[o] = fmaf(d, x[c], keySums[o]);
                        valueSums[o] = fmaf(w, g[c], valueSums[o]);
                    }
                }
            }
        }
    }
#pragma unroll
    for (int o = 0; o < OWN; o++) {
        const int c = lane + 32 * o;
        if (c < width) {
            keyGradient[(row + own) * keyGradientStride + blockIdx.y * width + c] = scale * keySums[o];
            valueGradient[(row + own) * valueGradientStride + blockIdx.y * width + c] = valueSums[o];
        }
    }
}
