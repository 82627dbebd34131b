// Causal softmax attention with grouped heads on the tensor cores: TransformerOps.causalAttention of long windows.
//
// As attention.cu, with scores and sums in fp32 but queries, keys, values and weights rounded to bf16 (Dao 2023). A warp has
// 16 queries of one head; its block goes over the keys in tiles of 64, of which the next is on its way while one is used.
// Kernels are named after the width of keys; those called `extended` know windows, caps and sinks, as in attention.cu.
//
// Shapes   query [windows * queryLength x heads * WIDTH], output [same x heads * VALUES] fp32; key [windows * keyLength x keyHeads
//          * WIDTH], value [same x keyHeads * VALUES] bf16 without gaps. The queries are the last queryLength of the keyLength
//          positions of their window; window at most keyLength.
// Launch   grid (ceil(queryLength / 64), heads, windows), 128 threads. Dynamic shared memory: two tiles each of keys and of
//          values, 64 rows of WIDTH + 8 and of VALUES + 8 bf16.
// Defined by ScalarTransformerOps.causalAttention.
#include "tiles.cuh"

template <int WIDTH, int VALUES> struct Attention {
    static constexpr int KEYS = 64;
    static constexpr int PITCH = WIDTH + 8;
    static constexpr int VALUE_PITCH = VALUES + 8;
    static constexpr int STEPS = WIDTH / 16;
    static constexpr int COLUMNS = VALUES / 8;
    static constexpr uint32_t KEY_TILE = KEYS * PITCH * 2; // bytes
    static constexpr uint32_t BUFFER = KEY_TILE + KEYS * VALUE_PITCH * 2;

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
        const uint32_t at = values + ((lane & 15) * VALUE_PITCH + (lane >> 4) * 8) * 2;
#pragma unroll
        for (int s = 0; s < 4; s++) {
            uint32_t a[4] = {rounded_pair<__nv_bfloat16>(weights[2 * s][0], weights[2 * s][1]),
                             rounded_pair<__nv_bfloat16>(weights[2 * s][2], weights[2 * s][3]),
                             rounded_pair<__nv_bfloat16>(weights[2 * s + 1][0], weights[2 * s + 1][1]),
                             rounded_pair<__nv_bfloat16>(weights[2 * s + 1][2], weights[2 * s + 1][3])};
#pragma unroll
            for (int n = 0; n < COLUMNS; n += 2) {
                uint32_t b[4];
                load_transposed(b, at + (16 * s * VALUE_PITCH + 8 * n) * 2);
                multiply_add<__nv_bfloat16>(mixed[n], a, b[0], b[1]);
                multiply_add<__nv_bfloat16>(mixed[n + 1], a, b[2], b[3]);
            }
        }
    }

    // A sink, in powers of two, has its share of the sum of exponentials; minus infinity has none.
    template <bool EXTENDED>
    __device__ __forceinline__ void finish(float *rows, long long stride, int first, int count, float sink) {
        const int g = (threadIdx.x & 31) >> 2;
        const int q = threadIdx.x & 3;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            sum[h] += __shfl_xor_sync(~0u, sum[h], 1);
            sum[h] += __shfl_xor_sync(~0u, sum[h], 2);
            int r = first + g + 8 * h;
            if (r < count) {
                float factor = 1 / (EXTENDED ? sum[h] + power_of_two(sink - largest[h]) : sum[h]);
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

template <int WIDTH, int VALUES, bool EXTENDED>
static __device__ __forceinline__ void attention(int keyHeads, int queryLength, int keyLength, float scale, int window,
                                                 float cap, const float *sinks, const float *query,
                                                 long long queryStride, const __nv_bfloat16 *key,
                                                 const __nv_bfloat16 *value, float *output, long long outputStride) {
    using Tiles = Attention<WIDTH, VALUES>;
    const float hidden = -__int_as_float(0x7f800000);
    extern __shared__ __align__(16) unsigned char shared[];
    const uint32_t base = (uint32_t)__cvta_generic_to_shared(shared);
    const int head = blockIdx.y;
    const int keyHead = head / (gridDim.y / keyHeads);
    // The longest rows of tiles begin first.
    const int firstQuery = (gridDim.x - 1 - blockIdx.x) * 64;
    const int queryCount = min(64, queryLength - firstQuery);
    const int past = keyLength - queryLength;
    const int start = EXTENDED ? max(0, past + firstQuery - window + 1) : 0;
    const int lastKey = past + firstQuery + queryCount; // exclusive
    const long long keyStride = (long long)keyHeads * WIDTH;
    const long long valueStride = (long long)keyHeads * VALUES;
    const __nv_bfloat16 *keys = key + (long long)blockIdx.z * keyLength * keyStride + keyHead * WIDTH;
    const __nv_bfloat16 *values = value + (long long)blockIdx.z * keyLength * valueStride + keyHead * VALUES;
    const long long row = (long long)blockIdx.z * queryLength + firstQuery;
    const int first = (threadIdx.x >> 5) * 16;
    const int g = (threadIdx.x & 31) >> 2;
    const int q = threadIdx.x & 3;

    auto fetch = [&](int firstKey, int buffer) {
        const int count = lastKey - firstKey;
        const uint32_t to = base + buffer * Tiles::BUFFER;
        fetch_tile<WIDTH>(to, keys + firstKey * keyStride, keyStride, count);
        fetch_tile<VALUES>(to + Tiles::KEY_TILE, values + firstKey * valueStride, valueStride, count);
        commit_fetches();
    };

    fetch(start, 0);
    Tiles tiles;
    tiles.start(query + row * queryStride + head * WIDTH, queryStride, first, queryCount, scale * LOG2_E);
    int buffer = 0;
    for (int firstKey = start; firstKey < lastKey; firstKey += 64) {
        if (firstKey + 64 < lastKey) {
            fetch(firstKey + 64, buffer ^ 1);
        }
        await_fetches(firstKey + 64 >= lastKey);
        __syncthreads();
        float scores[8][4];
        tiles.score(base + buffer * Tiles::BUFFER, scores);
        if (EXTENDED && cap > 0) {
            const Score score = {1, cap * LOG2_E, 2 / cap};
            float slope;
#pragma unroll
            for (int n = 0; n < 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    scores[n][i] = score.of(scores[n][i], slope);
                }
            }
        }
        const int visible = past + firstQuery + first + g - firstKey; // last key of this tile that row g sees
        if (past + firstQuery + first - firstKey < 63) {
#pragma unroll
            for (int n = 0; n < 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    if (8 * n + 2 * q + (i & 1) > visible + (i >> 1) * 8) {
                        scores[n][i] = hidden;
                    }
                }
            }
        }
        // Of all rows of the warp the last one is the first that does not see the first key any more.
        if (EXTENDED && firstKey + window <= past + firstQuery + first + 15) {
#pragma unroll
            for (int n = 0; n < 8; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    if (8 * n + 2 * q + (i & 1) <= visible + (i >> 1) * 8 - window) {
                        scores[n][i] = hidden;
                    }
                }
            }
        }
        tiles.weigh(scores);
        tiles.mix(base + buffer * Tiles::BUFFER + Tiles::KEY_TILE, scores);
        buffer ^= 1;
        __syncthreads();
    }
    const float sink = EXTENDED && sinks ? sinks[head] * LOG2_E : hidden;
    tiles.template finish<EXTENDED>(output + row * outputStride + head * VALUES, outputStride, first, queryCount, sink);
}

#define ATTENTION(NAME, WIDTH, VALUES, EXTENDED)                                                                      \
    extern "C" __global__ void __launch_bounds__(128) NAME(                                                            \
        int keyHeads, int queryLength, int keyLength, float scale, int window, float cap, const float *sinks,          \
        const float *query, long long queryStride, const __nv_bfloat16 *key, const __nv_bfloat16 *value,               \
        float *output, long long outputStride) {                                                                       \
        attention<WIDTH, VALUES, EXTENDED>(keyHeads, queryLength, keyLength, scale, window, cap, sinks, query,         \
                                           queryStride, key, value, output, outputStride);                             \
    }

#define BOTH(WIDTH, VALUES)                                                                                           \
    ATTENTION(attention_##WIDTH, WIDTH, VALUES, false)                                                                 \
    ATTENTION(attention_##WIDTH##_extended, WIDTH, VALUES, true)

BOTH(64, 64)
BOTH(96, 96)
BOTH(128, 128)
BOTH(192, 128)
