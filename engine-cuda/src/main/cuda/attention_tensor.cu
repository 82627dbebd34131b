// Causal softmax attention with grouped heads on the tensor cores: TransformerOps.causalAttention of long windows.
//
// As attention.cu, with scores and sums in fp32 but queries, keys, values and weights rounded to bf16 (Dao 2023). A warp has
// 16 queries of one head; its block goes over the keys in tiles of 64, of which the next is on its way while one is used.
//
// Shapes   query, output [windows * queryLength x heads * WIDTH] fp32; key, value [windows * keyLength x keyHeads * WIDTH] bf16
//          without gaps. The queries are the last queryLength of the keyLength positions of their window.
// Launch   grid (ceil(queryLength / 64), heads, windows), 128 threads. Dynamic shared memory: two tiles each of keys and of
//          values, 64 rows of WIDTH + 8 bf16.
// Defined by ScalarTransformerOps.causalAttention.
#include "tiles.cuh"

template <int WIDTH> struct Attention {
    static constexpr int KEYS = 64;
    static constexpr int PITCH = WIDTH + 8;
    static constexpr int STEPS = WIDTH / 16;
    static constexpr int COLUMNS = WIDTH / 8;
    static constexpr uint32_t TILE = KEYS * PITCH * 2; // bytes

    uint32_t query[STEPS][4];
    float mixed[COLUMNS][4];
    float largest[2];
    float sum[2];

    __device__ __forceinline__ void start(const float *rows, long long stride, int first, int count, float factor) {
        const int g = (threadIdx.x & 31) >> 2;
        const int q = threadIdx.x & 3;
#pragma unroll
        for (int s = 0; s < STEPS; s++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int r = first + g + (i & 1) * 8;
                const float *at = rows + r * stride + 16 * s + 2 * q + (i >> 1) * 8;
                float2 two = r < count ? make_float2(at[0], at[1]) : make_float2(0, 0);
                query[s][i] = rounded_pair<__nv_bfloat16>(two.x * factor, two.y * factor);
            }
        }
#pragma unroll
        for (int n = 0; n < COLUMNS; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                mixed[n][i] = 0;
            }
        }
        largest[0] = largest[1] = -1e30f;
        sum[0] = sum[1] = 0;
    }

    // Scores of 16 queries and 64 keys, in powers of two.
    __device__ __forceinline__ void score(uint32_t keys, float (&scores)[8][4]) const {
        const int lane = threadIdx.x & 31;
        const uint32_t at = keys + ((lane & 7) * PITCH + (lane >> 3) * 8) * 2;
#pragma unroll
        for (int n = 0; n < 8; n++) {
            scores[n][0] = scores[n][1] = scores[n][2] = scores[n][3] = 0;
#pragma unroll
            for (int s = 0; s < STEPS; s += 2) {
                uint32_t b[4];
                load_matrices(b, at + (8 * n * PITCH + 16 * s) * 2);
                multiply_add<__nv_bfloat16>(scores[n], query[s], b[0], b[1]);
                multiply_add<__nv_bfloat16>(scores[n], query[s + 1], b[2], b[3]);
            }
        }
    }

    // The largest score so far of a row grows, and what was summed shrinks; scores become weights.
    __device__ __forceinline__ void weigh(float (&scores)[8][4]) {
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float now = largest[h];
#pragma unroll
            for (int n = 0; n < 8; n++) {
                now = fmaxf(now, fmaxf(scores[n][2 * h], scores[n][2 * h + 1]));
            }
            now = fmaxf(now, __shfl_xor_sync(~0u, now, 1));
            now = fmaxf(now, __shfl_xor_sync(~0u, now, 2));
            float shrink = power_of_two(largest[h] - now);
            largest[h] = now;
            float added = 0;
#pragma unroll
            for (int n = 0; n < 8; n++) {
#pragma unroll
                for (int i = 2 * h; i < 2 * h + 2; i++) {
                    scores[n][i] = power_of_two(scores[n][i] - now);
                    added += scores[n][i];
                }
            }
            sum[h] = sum[h] * shrink + added;
#pragma unroll
            for (int n = 0; n < COLUMNS; n++) {
                mixed[n][2 * h] *= shrink;
                mixed[n][2 * h + 1] *= shrink;
            }
        }
    }

    __device__ __forceinline__ void mix(uint32_t values, const float (&weights)[8][4]) {
        const int lane = threadIdx.x & 31;
        const uint32_t at = values + ((lane & 15) * PITCH + (lane >> 4) * 8) * 2;
#pragma unroll
        for (int s = 0; s < 4; s++) {
            uint32_t a[4] = {rounded_pair<__nv_bfloat16>(weights[2 * s][0], weights[2 * s][1]),
                             rounded_pair<__nv_bfloat16>(weights[2 * s][2], weights[2 * s][3]),
                             rounded_pair<__nv_bfloat16>(weights[2 * s + 1][0], weights[2 * s + 1][1]),
                             rounded_pair<__nv_bfloat16>(weights[2 * s + 1][2], weights[2 * s + 1][3])};
#pragma unroll
            for (int n = 0; n < COLUMNS; n += 2) {
                uint32_t b[4];
                load_transposed(b, at + (16 * s * PITCH + 8 * n) * 2);
                multiply_add<__nv_bfloat16>(mixed[n], a, b[0], b[1]);
                multiply_add<__nv_bfloat16>(mixed[n + 1], a, b[2], b[3]);
            }
        }
    }

    __device__ __forceinline__ void finish(float *rows, long long stride, int first, int count) {
        const int g = (threadIdx.x & 31) >> 2;
        const int q = threadIdx.x & 3;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            sum[h] += __shfl_xor_sync(~0u, sum[h], 1);
            sum[h] += __shfl_xor_sync(~0u, sum[h], 2);
            int r = first + g + 8 * h;
            if (r < count) {
                float factor = 1 / sum[h];
#pragma unroll
                for (int n = 0; n < COLUMNS; n++) {
                    float *at = rows + r * stride + 8 * n + 2 * q;
                    at[0] = mixed[n][2 * h] * factor;
                    at[1] = mixed[n][2 * h + 1] * factor;
                }
            }
        }
    }
};

template <int WIDTH>
static __device__ __forceinline__ void attention(int keyHeads, int queryLength, int keyLength, float scale,
                                                 const float *query, long long queryStride, const __nv_bfloat16 *key,
                                                 const __nv_bfloat16 *value, float *output, long long outputStride) {
    using Tiles = Attention<WIDTH>;
    extern __shared__ __align__(16) unsigned char shared[];
    const uint32_t base = (uint32_t)__cvta_generic_to_shared(shared);
    const int head = blockIdx.y;
    const int keyHead = head / (gridDim.y / keyHeads);
    // The longest rows of tiles begin first.
    const int firstQuery = (gridDim.x - 1 - blockIdx.x) * 64;
    const int queryCount = min(64, queryLength - firstQuery);
    const int past = keyLength - queryLength;
    const int lastKey = past + firstQuery + queryCount; // exclusive
    const long long keyStride = (long long)keyHeads * WIDTH;
    const __nv_bfloat16 *keys = key + (long long)blockIdx.z * keyLength * keyStride + keyHead * WIDTH;
    const __nv_bfloat16 *values = value + (long long)blockIdx.z * keyLength * keyStride + keyHead * WIDTH;
    const long long row = (long long)blockIdx.z * queryLength + firstQuery;
    const int first = (threadIdx.x >> 5) * 16;
    const int g = (threadIdx.x & 31) >> 2;
    const int q = threadIdx.x & 3;

    auto fetch = [&](int firstKey, int buffer) {
        int count = lastKey - firstKey;
        fetch_tile<WIDTH>(base + 2 * buffer * Tiles::TILE, keys + firstKey * keyStride, keyStride, count);
        fetch_tile<WIDTH>(base + (2 * buffer + 1) * Tiles::TILE, values + firstKey * keyStride, keyStride, count);
        commit_fetches();
    };

    fetch(0, 0);
    Tiles tiles;
    tiles.start(query + row * queryStride + head * WIDTH, queryStride, first, queryCount, scale * 1.4426950408889634f);
    int buffer = 0;
    for (int firstKey = 0; firstKey < lastKey; firstKey += 64) {
        if (firstKey + 64 < lastKey) {
            fetch(firstKey + 64, buffer ^ 1);
        }
        await_fetches(firstKey + 64 >= lastKey);
        __syncthreads();
        float scores[8][4];
        tiles.score(base + 2 * buffer * Tiles::TILE, scores);
        const int visible = past + firstQuery + first + g - firstKey; // last key of this tile that row g sees
        if (past + firstQuery + first - firstKey < 63) {
#pragma unroll
            for (int n = 0; n < 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    if (8 * n + 2 * q + (i & 1) > visible + (i >> 1) * 8) {
                        scores[n][i] = -1e30f;
                    }
                }
            }
        }
        tiles.weigh(scores);
        tiles.mix(base + (2 * buffer + 1) * Tiles::TILE, scores);
        buffer ^= 1;
        __syncthreads();
    }
    tiles.finish(output + row * outputStride + head * WIDTH, outputStride, first, queryCount);
}

#define ATTENTION(WIDTH)                                                                                              \
    extern "C" __global__ void __launch_bounds__(128) attention_##WIDTH(                                               \
        int keyHeads, int queryLength, int keyLength, float scale, const float *query, long long queryStride,          \
        const __nv_bfloat16 *key, const __nv_bfloat16 *value, float *output, long long outputStride) {                 \
        attention<WIDTH>(keyHeads, queryLength, keyLength, scale, query, queryStride, key, value, output,              \
                         outputStride);                                                                                \
    }

ATTENTION(64)
ATTENTION(128)
