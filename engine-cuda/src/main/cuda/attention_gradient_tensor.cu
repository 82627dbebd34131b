// Backward form of causal softmax attention on the tensor cores: GradientOps.causalAttention of long windows.
//
// With p = softmax(scale q k), o = p v, D = do o of a query: dv = pT do, ds = p (do v - D), dq = scale ds k, dk = scale dsT q
// (Dao 2023). Nothing of the size of queries by keys is stored; the weights are computed again, in `queries` twice (first for
// the sums of their exponentials). Inputs rounded to bf16, sums in fp32, every sum in a fixed order.
//
// queries  gradients of queries; a warp has 16 queries of one head, its block goes over the keys in tiles of 64. Also writes
//          log2 of the sum of exponentials of every query, and its D, for `keys`. Launch: grid (ceil(length / 64), heads, windows).
// keys     gradients of keys and values; a warp has 16 keys of one key head, its block goes over the queries of all heads that
//          share them. Launch: grid (ceil(length / 64), keyHeads, windows).
// Those called `extended` know windows, caps and sinks, as in attention.cu. With scores s capped, ds has another factor of
// 1 - (s / cap)^2. A sink is in the sums of exponentials; `shares` receives the weight of the sink times D of every query, which
// attention_gradient.cu sums up.
// Both have 128 threads. Dynamic shared memory: tiles of 64 rows of WIDTH + 8 bf16, four for `queries`, six for `keys`, which has
// also 256 floats.
//
// Shapes   query, outputGradient, queryGradient [windows * length x heads * WIDTH], key, value [windows * length x keyHeads *
//          WIDTH], bf16 without gaps; gradients fp32; output fp32; totals, means, shares [windows x heads x length]; window at most
//          length.
// Defined by ScalarGradientOps.causalAttention.
#include "tiles.cuh"

template <int WIDTH> struct Fragments {
    static constexpr int STEPS = WIDTH / 16;
    uint32_t words[STEPS][4];

    // 16 rows from `first` on of row-major bf16; rows from `count` on are zero.
    __device__ __forceinline__ void load(const __nv_bfloat16 *rows, long long stride, int first, int count) {
        const int g = (threadIdx.x & 31) >> 2;
        const int q = threadIdx.x & 3;
#pragma unroll
        for (int s = 0; s < STEPS; s++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int r = first + g + (i & 1) * 8;
                words[s][i] = r < count ? *(const uint32_t *)(rows + r * stride + 16 * s + 2 * q + (i >> 1) * 8) : 0;
            }
        }
    }
};

template <int N> static __device__ __forceinline__ void clear(float (&c)[N][4]) {
#pragma unroll
    for (int n = 0; n < N; n++) {
        c[n][0] = c[n][1] = c[n][2] = c[n][3] = 0;
    }
}

// products [16 x 8 N] = 16 rows held as fragments times 8 N rows of a tile, transposed.
template <int WIDTH, int N>
static __device__ __forceinline__ void by_rows(const Fragments<WIDTH> &a, uint32_t tile, float (&products)[N][4]) {
    const int lane = threadIdx.x & 31;
    const uint32_t at = tile + ((lane & 7) * (WIDTH + 8) + (lane >> 3) * 8) * 2;
    clear(products);
#pragma unroll
    for (int n = 0; n < N; n++) {
#pragma unroll
        for (int s = 0; s < WIDTH / 16; s += 2) {
            uint32_t b[4];
            load_matrices(b, at + (8 * n * (WIDTH + 8) + 16 * s) * 2);
            multiply_add<__nv_bfloat16>(products[n], a.words[s], b[0], b[1]);
            multiply_add<__nv_bfloat16>(products[n], a.words[s + 1], b[2], b[3]);
        }
    }
}

// The same with the 16 rows in a tile as well.
template <int WIDTH, int N>
static __device__ __forceinline__ void by_rows(uint32_t rows, uint32_t tile, float (&products)[N][4]) {
    const int lane = threadIdx.x & 31;
    const uint32_t at = tile + ((lane & 7) * (WIDTH + 8) + (lane >> 3) * 8) * 2;
    const uint32_t from = rows + ((lane & 15) * (WIDTH + 8) + (lane >> 4) * 8) * 2;
    clear(products);
#pragma unroll
    for (int s = 0; s < WIDTH / 16; s += 2) {
        uint32_t a[2][4];
        load_matrices(a[0], from + 16 * s * 2);
        load_matrices(a[1], from + 16 * (s + 1) * 2);
#pragma unroll
        for (int n = 0; n < N; n++) {
            uint32_t b[4];
            load_matrices(b, at + (8 * n * (WIDTH + 8) + 16 * s) * 2);
            multiply_add<__nv_bfloat16>(products[n], a[0], b[0], b[1]);
            multiply_add<__nv_bfloat16>(products[n], a[1], b[2], b[3]);
        }
    }
}

// sums [16 x WIDTH] += weights [16 x 8 N], rounded, times 8 N rows of a tile.
template <int WIDTH, int N>
static __device__ __forceinline__ void mix(const float (&weights)[N][4], uint32_t tile, float (&sums)[WIDTH / 8][4]) {
    const int lane = threadIdx.x & 31;
    const uint32_t at = tile + ((lane & 15) * (WIDTH + 8) + (lane >> 4) * 8) * 2;
#pragma unroll
    for (int s = 0; s < N / 2; s++) {
        uint32_t a[4] = {rounded_pair<__nv_bfloat16>(weights[2 * s][0], weights[2 * s][1]),
                         rounded_pair<__nv_bfloat16>(weights[2 * s][2], weights[2 * s][3]),
                         rounded_pair<__nv_bfloat16>(weights[2 * s + 1][0], weights[2 * s + 1][1]),
                         rounded_pair<__nv_bfloat16>(weights[2 * s + 1][2], weights[2 * s + 1][3])};
#pragma unroll
        for (int n = 0; n < WIDTH / 8; n += 2) {
            uint32_t b[4];
            load_transposed(b, at + (16 * s * (WIDTH + 8) + 8 * n) * 2);
            multiply_add<__nv_bfloat16>(sums[n], a, b[0], b[1]);
            multiply_add<__nv_bfloat16>(sums[n + 1], a, b[2], b[3]);
        }
    }
}

// 16 rows of WIDTH, times `factor`.
template <int WIDTH>
static __device__ __forceinline__ void write(const float (&sums)[WIDTH / 8][4], float factor, float *rows, long long stride,
                                             int first, int count) {
    const int g = (threadIdx.x & 31) >> 2;
    const int q = threadIdx.x & 3;
#pragma unroll
    for (int h = 0; h < 2; h++) {
        int r = first + g + 8 * h;
        if (r < count) {
#pragma unroll
            for (int n = 0; n < WIDTH / 8; n++) {
                float *at = rows + r * stride + 8 * n + 2 * q;
                at[0] = sums[n][2 * h] * factor;
                at[1] = sums[n][2 * h + 1] * factor;
            }
        }
    }
}

static __device__ __forceinline__ float over_four_lanes(float value) {
    value += __shfl_xor_sync(~0u, value, 1);
    return value + __shfl_xor_sync(~0u, value, 2);
}

// Products become scores in powers of two, minus infinity of keys that a query does not see. `visible` as in `hide`.
static __device__ __forceinline__ void see(float (&scores)[8][4], const Score &score, int visible, int window) {
    const int q = threadIdx.x & 3;
#pragma unroll
    for (int n = 0; n < 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int behind = visible + (i >> 1) * 8 - (8 * n + 2 * q + (i & 1)); // how far the key is behind the query
            float slope;
            const float value = score.of(scores[n][i], slope);
            scores[n][i] = behind >= 0 && behind < window ? value : -__int_as_float(0x7f800000);
        }
    }
}

// Scores of keys that a query does not see. `visible`: the last key of the tile that row g sees; row g + 8 sees 8 more.
static __device__ __forceinline__ void hide(float (&scores)[8][4], int visible) {
    const int q = threadIdx.x & 3;
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

template <int WIDTH, bool EXTENDED>
static __device__ __forceinline__ void queries(int keyHeads, int length, float scale, int window, float cap,
                                               const float *sinks, const __nv_bfloat16 *query,
                                               const __nv_bfloat16 *key, const __nv_bfloat16 *value, const float *output,
                                               long long outputStride, const float *outputGradient,
                                               long long outputGradientStride, const __nv_bfloat16 *roundedGradient,
                                               float *queryGradient, long long queryStride, float *totals, float *means,
                                               float *shares) {
    constexpr uint32_t TILE = 64 * (WIDTH + 8) * 2;
    extern __shared__ __align__(16) unsigned char shared[];
    const uint32_t base = (uint32_t)__cvta_generic_to_shared(shared);
    const int head = blockIdx.y;
    const int keyHead = head / (gridDim.y / keyHeads);
    const int firstQuery = (gridDim.x - 1 - blockIdx.x) * 64;
    const int count = min(64, length - firstQuery);
    const int start = EXTENDED ? max(0, firstQuery - window + 1) : 0;
    const int lastKey = firstQuery + count; // exclusive
    const long long keyStride = (long long)keyHeads * WIDTH;
    const long long headStride = (long long)gridDim.y * WIDTH;
    const long long row = (long long)blockIdx.z * length + firstQuery;
    const __nv_bfloat16 *keys = key + (long long)blockIdx.z * length * keyStride + keyHead * WIDTH;
    const __nv_bfloat16 *values = value + (long long)blockIdx.z * length * keyStride + keyHead * WIDTH;
    const int first = (threadIdx.x >> 5) * 16;
    const int g = (threadIdx.x & 31) >> 2;
    const int q = threadIdx.x & 3;
    const Score score = Score::from(scale, cap);
    const float factor = EXTENDED ? 1 : scale * LOG2_E; // from what is in `scores` to powers of two

    Fragments<WIDTH> queryRows, gradientRows;
    queryRows.load(query + row * headStride + head * WIDTH, headStride, first, count);
    float largest[2] = {-1e30f, -1e30f}, sum[2] = {0, 0};
    fetch_tile<WIDTH>(base, keys + start * keyStride, keyStride, lastKey - start);
    commit_fetches();
    int buffer = 0;
    for (int firstKey = start; firstKey < lastKey; firstKey += 64, buffer ^= 1) {
        if (firstKey + 64 < lastKey) {
            fetch_tile<WIDTH>(base + (buffer ^ 1) * TILE, keys + (firstKey + 64) * keyStride, keyStride,
                              lastKey - firstKey - 64);
            commit_fetches();
        }
        await_fetches(firstKey + 64 >= lastKey);
        __syncthreads();
        float scores[8][4];
        by_rows<WIDTH>(queryRows, base + buffer * TILE, scores);
        if (EXTENDED) {
            see(scores, score, firstQuery + first + g - firstKey, window);
        } else {
            hide(scores, firstQuery + first + g - firstKey);
        }
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float now = largest[h];
#pragma unroll
            for (int n = 0; n < 8; n++) {
                now = fmaxf(now, fmaxf(scores[n][2 * h], scores[n][2 * h + 1]) * factor);
            }
            now = fmaxf(now, __shfl_xor_sync(~0u, now, 1));
            now = fmaxf(now, __shfl_xor_sync(~0u, now, 2));
            float added = 0;
#pragma unroll
            for (int n = 0; n < 8; n++) {
                added += power_of_two(fmaf(scores[n][2 * h], factor, -now)) +
                         power_of_two(fmaf(scores[n][2 * h + 1], factor, -now));
            }
            sum[h] = sum[h] * power_of_two(largest[h] - now) + added;
            largest[h] = now;
        }
        __syncthreads();
    }
    auto fetch = [&](int firstKey, int slot) {
        fetch_tile<WIDTH>(base + 2 * slot * TILE, keys + firstKey * keyStride, keyStride, lastKey - firstKey);
        fetch_tile<WIDTH>(base + (2 * slot + 1) * TILE, values + firstKey * keyStride, keyStride, lastKey - firstKey);
        commit_fetches();
    };
    fetch(start, 0);
    gradientRows.load(roundedGradient + row * headStride + head * WIDTH, headStride, first, count);
    const float sink = EXTENDED && sinks ? sinks[head] * LOG2_E : -__int_as_float(0x7f800000);
    float total[2], mean[2];
#pragma unroll
    for (int h = 0; h < 2; h++) {
        sum[h] = over_four_lanes(sum[h]);
        total[h] = largest[h] + log2f(EXTENDED ? sum[h] + power_of_two(sink - largest[h]) : sum[h]);
        const int r = first + g + 8 * h;
        mean[h] = 0;
        if (r < count) {
            const float *o = output + (row + r) * outputStride + head * WIDTH + 2 * q;
            const float *d = outputGradient + (row + r) * outputGradientStride + head * WIDTH + 2 * q;
            for (int n = 0; n < WIDTH / 8; n++) {
                mean[h] = fmaf(o[8 * n], d[8 * n], fmaf(o[8 * n + 1], d[8 * n + 1], mean[h]));
            }
        }
        mean[h] = over_four_lanes(mean[h]);
        if (r < count && q == 0) {
            const long long at = ((long long)blockIdx.z * gridDim.y + head) * length + firstQuery + r;
            totals[at] = total[h];
            means[at] = mean[h];
            if (EXTENDED && sinks) {
                shares[at] = power_of_two(sink - total[h]) * mean[h];
            }
        }
    }
    float sums[WIDTH / 8][4];
    clear(sums);
    buffer = 0;
    for (int firstKey = start; firstKey < lastKey; firstKey += 64, buffer ^= 1) {
        if (firstKey + 64 < lastKey) {
            fetch(firstKey + 64, buffer ^ 1);
        }
        await_fetches(firstKey + 64 >= lastKey);
        __syncthreads();
        float scores[8][4], slopes[8][4];
        by_rows<WIDTH>(queryRows, base + 2 * buffer * TILE, scores);
        const int visible = firstQuery + first + g - firstKey;
        if (!EXTENDED) {
            hide(scores, visible);
        }
        by_rows<WIDTH>(gradientRows, base + (2 * buffer + 1) * TILE, slopes);
#pragma unroll
        for (int n = 0; n < 8; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                if (EXTENDED) {
                    const int behind = visible + (i >> 1) * 8 - (8 * n + 2 * q + (i & 1));
                    float slope;
                    const float weight = power_of_two(score.of(scores[n][i], slope) - total[i >> 1]);
                    slopes[n][i] = behind >= 0 && behind < window ? weight * (slopes[n][i] - mean[i >> 1]) * slope : 0;
                } else {
                    slopes[n][i] =
                        power_of_two(fmaf(scores[n][i], factor, -total[i >> 1])) * (slopes[n][i] - mean[i >> 1]);
                }
            }
        }
        mix<WIDTH, 8>(slopes, base + 2 * buffer * TILE, sums);
        __syncthreads();
    }
    write<WIDTH>(sums, scale, queryGradient + row * queryStride + head * WIDTH, queryStride, first, count);
}

template <int WIDTH, bool EXTENDED>
static __device__ __forceinline__ void keys(int heads, int length, float scale, int window, float cap,
                                            const __nv_bfloat16 *query,
                                            const __nv_bfloat16 *key, const __nv_bfloat16 *value,
                                            const __nv_bfloat16 *outputGradient, const float *totals, const float *means,
                                            float *keyGradient, long long keyGradientStride, float *valueGradient,
                                            long long valueGradientStride) {
    constexpr uint32_t TILE = 64 * (WIDTH + 8) * 2;
    extern __shared__ __align__(16) unsigned char shared[];
    const uint32_t base = (uint32_t)__cvta_generic_to_shared(shared);
    float *numbers = (float *)(shared + 6 * TILE); // of two buffers: 64 totals, 64 means
    const int keyHeads = gridDim.y;
    const int keyHead = blockIdx.y;
    const int sharing = heads / keyHeads;
    const int firstKey = blockIdx.x * 64; // those that most queries see begin first
    const int count = min(64, length - firstKey);
    const long long keyStride = (long long)keyHeads * WIDTH;
    const long long headStride = (long long)heads * WIDTH;
    const long long before = (long long)blockIdx.z * length; // tokens of other windows
    const int first = (threadIdx.x >> 5) * 16;
    const int g = (threadIdx.x & 31) >> 2;
    const int q = threadIdx.x & 3;
    const Score score = Score::from(scale, cap);
    const float factor = scale * LOG2_E;
    const int lastQuery = EXTENDED ? min(length, firstKey + count - 1 + window) : length; // exclusive
    const int tiles = (lastQuery - firstKey + 63) / 64;                                   // of queries of one head

    auto fetch = [&](int turn) {
        const int slot = turn & 1;
        const int head = keyHead * sharing + turn / tiles;
        const int firstQuery = firstKey + turn % tiles * 64;
        const long long at = (before + firstQuery) * headStride + head * WIDTH;
        fetch_tile<WIDTH>(base + (2 + 2 * slot) * TILE, query + at, headStride, length - firstQuery);
        fetch_tile<WIDTH>(base + (3 + 2 * slot) * TILE, outputGradient + at, headStride, length - firstQuery);
        commit_fetches();
        const int r = firstQuery + (threadIdx.x & 63);
        const float *from = threadIdx.x < 64 ? totals : means;
        const float beyond = threadIdx.x < 64 ? 1e30f : 0; // a query beyond the last has no weights
        numbers[slot * 128 + threadIdx.x] =
            r < length ? from[((long long)blockIdx.z * heads + head) * length + r] : beyond;
    };
    fetch_tile<WIDTH>(base, key + (before + firstKey) * keyStride + keyHead * WIDTH, keyStride, count);
    fetch_tile<WIDTH>(base + TILE, value + (before + firstKey) * keyStride + keyHead * WIDTH, keyStride, count);
    fetch(0);
    float keySums[WIDTH / 8][4], valueSums[WIDTH / 8][4];
    clear(keySums);
    clear(valueSums);
    const uint32_t own = first * (WIDTH + 8) * 2;
    for (int turn = 0; turn < tiles * sharing; turn++) {
        if (turn + 1 < tiles * sharing) {
            fetch(turn + 1);
        }
        await_fetches(turn + 1 == tiles * sharing);
        __syncthreads();
        const uint32_t queryTile = base + (2 + 2 * (turn & 1)) * TILE;
        const uint32_t gradientTile = queryTile + TILE;
        const float *total = numbers + (turn & 1) * 128;
#pragma unroll 1
        for (int half = 0; half < 2; half++) { // 32 queries
            const uint32_t part = half * 32 * (WIDTH + 8) * 2;
            float weights[4][4], slopes[4][4];
            by_rows<WIDTH, 4>(base + own, queryTile + part, weights);
            by_rows<WIDTH, 4>(base + TILE + own, gradientTile + part, slopes);
            const int visible = firstKey + first + g - (firstKey + turn % tiles * 64 + 32 * half); // first query that sees key g
#pragma unroll
            for (int n = 0; n < 4; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    const int column = 8 * n + 2 * q + (i & 1);
                    if (EXTENDED) {
                        const int behind = column - visible - (i >> 1) * 8; // how far the key is behind the query
                        float slope;
                        const float weight = power_of_two(score.of(weights[n][i], slope) - total[32 * half + column]);
                        weights[n][i] = behind >= 0 && behind < window ? weight : 0;
                        slopes[n][i] = weights[n][i] * (slopes[n][i] - total[64 + 32 * half + column]) * slope;
                    } else {
                        const float weight = power_of_two(fmaf(weights[n][i], factor, -total[32 * half + column]));
                        weights[n][i] = column < visible + (i >> 1) * 8 ? 0 : weight;
                        slopes[n][i] = weights[n][i] * (slopes[n][i] - total[64 + 32 * half + column]);
                    }
                }
            }
            mix<WIDTH, 4>(weights, gradientTile + part, valueSums);
            mix<WIDTH, 4>(slopes, queryTile + part, keySums);
        }
        __syncthreads();
    }
    const long long rows = before + firstKey;
    write<WIDTH>(keySums, scale, keyGradient + rows * keyGradientStride + keyHead * WIDTH, keyGradientStride, first, count);
    write<WIDTH>(valueSums, 1, valueGradient + rows * valueGradientStride + keyHead * WIDTH, valueGradientStride, first,
                 count);
}

#define GRADIENTS(WIDTH, SUFFIX, EXTENDED)                                                                            \
    extern "C" __global__ void __launch_bounds__(128, 2) queries_##WIDTH##SUFFIX(                                      \
        int keyHeads, int length, float scale, int window, float cap, const float *sinks, const __nv_bfloat16 *query,  \
        const __nv_bfloat16 *key, const __nv_bfloat16 *value, const float *output, long long outputStride,             \
        const float *outputGradient, long long outputGradientStride, const __nv_bfloat16 *roundedGradient,             \
        float *queryGradient, long long queryStride, float *totals, float *means, float *shares) {                     \
        queries<WIDTH, EXTENDED>(keyHeads, length, scale, window, cap, sinks, query, key, value, output, outputStride, \
                                 outputGradient, outputGradientStride, roundedGradient, queryGradient, queryStride,    \
                                 totals, means, shares);                                                               \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(128, 2) keys_##WIDTH##SUFFIX(                                         \
        int heads, int length, float scale, int window, float cap, const __nv_bfloat16 *query,                         \
        const __nv_bfloat16 *key, const __nv_bfloat16 *value, const __nv_bfloat16 *outputGradient,                     \
        const float *totals, const float *means, float *keyGradient, long long keyGradientStride,                      \
        float *valueGradient, long long valueGradientStride) {                                                         \
        keys<WIDTH, EXTENDED>(heads, length, scale, window, cap, query, key, value, outputGradient, totals, means,     \
                              keyGradient, keyGradientStride, valueGradient, valueGradientStride);                     \
    }

GRADIENTS(64, , false)
GRADIENTS(64, _extended, true)
GRADIENTS(96, , false)
GRADIENTS(96, _extended, true)
GRADIENTS(128, , false)
GRADIENTS(128, _extended, true)
