// Causal softmax attention with grouped heads, without a matrix of queries by keys in memory: TransformerOps.causalAttention.
//
// A block holds a tile of ROWS queries of one head and goes over the keys in tiles of as many; it keeps for every query the
// largest score so far, the sum of exponentials relative to it, and the weighted sum of values, which is rescaled when the
// largest score grows (Milakov and Gimelshein 2018; Dao et al. 2022). All in fp32.
//
// attention_WIDTH sees every key up to the query; attention_WIDTH_extended the last `window` of these only, caps scores to
// cap * tanh(score / cap) where `cap` is above 0, and gives sinks[head] a share of the softmax where `sinks` is not null.
//
// Shapes   query [windows * queryLength x heads * width], output [same x heads * valueWidth]; key [windows * keyLength x keyHeads
//          * width], value [same x keyHeads * valueWidth]; the queries are the last queryLength of the keyLength positions of
//          their window; window at most keyLength.
// Launch   grid (ceil(queryLength / ROWS), heads, windows), 256 threads as 16 x 16; each has ROWS/16 queries, and of those
//          ROWS/16 keys of a tile and VALUES/16 columns of the output. Dynamic shared memory: query and key tiles of
//          ROWS * (WIDTH + 4) floats and a score tile of ROWS * (ROWS + 1). width <= WIDTH, valueWidth <= VALUES <= WIDTH; what
//          is beyond is zero.
// Defined by ScalarTransformerOps.causalAttention.

template <int ROWS, int WIDTH>
static __device__ void fetch(float *tile, const float *source, long long stride, int rows, int width) {
    constexpr int PITCH = WIDTH + 4;
    for (int e = threadIdx.x; e < ROWS * WIDTH; e += 256) {
        int r = e / WIDTH;
        int c = e % WIDTH;
        tile[r * PITCH + c] = r < rows && c < width ? source[r * stride + c] : 0;
    }
}

template <int ROWS, int WIDTH, int VALUES, bool EXTENDED>
static __device__ __forceinline__ void attention(int width, int valueWidth, int keyHeads, int queryLength, int keyLength,
                                                 float scale, int window, float cap, const float *sinks,
                                                 const float *query, long long queryStride, const float *key,
                                                 long long keyStride, const float *value, long long valueStride,
                                                 float *output, long long outputStride) {
    constexpr int PITCH = WIDTH + 4;
    constexpr int VALUE_PITCH = VALUES + 4;
    constexpr int Q = ROWS / 16;   // queries, and keys, of a thread
    constexpr int W = VALUES / 16; // columns of a thread
    extern __shared__ __align__(16) float shared[];
    float *queries = shared;
    float *keys = queries + ROWS * PITCH;
    float *scores = keys + ROWS * PITCH;
    const int tx = threadIdx.x % 16;
    const int ty = threadIdx.x / 16;
    const int head = blockIdx.y;
    const int keyHead = head / (gridDim.y / keyHeads);
    const int firstQuery = blockIdx.x * ROWS;
    const int queryCount = min(ROWS, queryLength - firstQuery);
    const int past = keyLength - queryLength;
    const float *queryTile = query + ((long long)blockIdx.z * queryLength + firstQuery) * queryStride + head * width;
    const float *keyWindow = key + (long long)blockIdx.z * keyLength * keyStride + keyHead * width;
    const float *valueWindow = value + (long long)blockIdx.z * keyLength * valueStride + keyHead * valueWidth;
    float largest[Q], sum[Q], mixed[Q][W];
#pragma unroll
    for (int a = 0; a < Q; a++) {
        largest[a] = -1e30f;
        sum[a] = 0;
#pragma unroll
        for (int w = 0; w < W; w++) {
            mixed[a][w] = 0;
        }
    }
    fetch<ROWS, WIDTH>(queries, queryTile, queryStride, queryCount, width);
    const int lastKey = past + firstQuery + queryCount; // exclusive
    const int start = EXTENDED ? max(0, past + firstQuery - window + 1) : 0;
    for (int firstKey = start; firstKey < lastKey; firstKey += ROWS) {
        const int keyCount = min(ROWS, lastKey - firstKey);
        __syncthreads();
        fetch<ROWS, WIDTH>(keys, keyWindow + firstKey * keyStride, keyStride, keyCount, width);
        __syncthreads();
        float score[Q][Q] = {};
        for (int c = 0; c < WIDTH; c += 4) {
            float4 k[Q];
#pragma unroll
            for (int b = 0; b < Q; b++) {
                k[b] = *(const float4 *)&keys[(tx + 16 * b) * PITCH + c];
            }
#pragma unroll
            for (int a = 0; a < Q; a++) {
                float4 q = *(const float4 *)&queries[(ty + 16 * a) * PITCH + c];
#pragma unroll
                for (int b = 0; b < Q; b++) {
                    score[a][b] = fmaf(q.x, k[b].x, score[a][b]);
                    score[a][b] = fmaf(q.y, k[b].y, score[a][b]);
                    score[a][b] = fmaf(q.z, k[b].z, score[a][b]);
                    score[a][b] = fmaf(q.w, k[b].w, score[a][b]);
                }
            }
        }
#pragma unroll
        for (int a = 0; a < Q; a++) {
            const int visible = past + firstQuery + ty + 16 * a - firstKey; // last key of this tile that is seen
            float tileLargest = -1e30f;
#pragma unroll
            for (int b = 0; b < Q; b++) {
                bool seen = tx + 16 * b <= visible && tx + 16 * b < keyCount;
                score[a][b] *= scale;
                if (EXTENDED) {
                    seen = seen && tx + 16 * b > visible - window;
                    score[a][b] = cap > 0 ? cap * tanhf(score[a][b] / cap) : score[a][b];
                }
                score[a][b] = seen ? score[a][b] : -__int_as_float(0x7f800000);
                tileLargest = fmaxf(tileLargest, score[a][b]);
            }
#pragma unroll
            for (int offset = 8; offset > 0; offset >>= 1) {
                tileLargest = fmaxf(tileLargest, __shfl_xor_sync(~0u, tileLargest, offset));
            }
            float now = fmaxf(largest[a], tileLargest);
            float shrink = expf(largest[a] - now);
            float tileSum = 0;
#pragma unroll
            for (int b = 0; b < Q; b++) {
                float weight = expf(score[a][b] - now);
                scores[(ty + 16 * a) * (ROWS + 1) + tx + 16 * b] = weight;
                tileSum += weight;
            }
#pragma unroll
            for (int offset = 8; offset > 0; offset >>= 1) {
                tileSum += __shfl_xor_sync(~0u, tileSum, offset);
            }
            largest[a] = now;
            sum[a] = sum[a] * shrink + tileSum;
#pragma unroll
            for (int w = 0; w < W; w++) {
                mixed[a][w] *= shrink;
            }
        }
        __syncthreads();
        fetch<ROWS, VALUES>(keys, valueWindow + firstKey * valueStride, valueStride, keyCount, valueWidth);
        __syncthreads();
        for (int k = 0; k < keyCount; k++) {
            float v[W];
#pragma unroll
            for (int w = 0; w < W; w++) {
                v[w] = keys[k * VALUE_PITCH + tx + 16 * w];
            }
#pragma unroll
            for (int a = 0; a < Q; a++) {
                float weight = scores[(ty + 16 * a) * (ROWS + 1) + k];
#pragma unroll
                for (int w = 0; w < W; w++) {
                    mixed[a][w] = fmaf(weight, v[w], mixed[a][w]);
                }
            }
        }
    }
    float *outputTile = output + ((long long)blockIdx.z * queryLength + firstQuery) * outputStride + head * valueWidth;
    const float sink = EXTENDED && sinks ? sinks[head] : -__int_as_float(0x7f800000);
#pragma unroll
    for (int a = 0; a < Q; a++) {
        int r = ty + 16 * a;
        if (EXTENDED) {
            sum[a] += expf(sink - largest[a]);
        }
#pragma unroll
        for (int w = 0; w < W; w++) {
            int c = tx + 16 * w;
            if (r < queryCount && c < valueWidth) {
                outputTile[r * outputStride + c] = mixed[a][w] / sum[a];
            }
        }
    }
}

#define ATTENTION(NAME, ROWS, WIDTH, VALUES, EXTENDED)                                                                \
    extern "C" __global__ void __launch_bounds__(256) NAME(                                                            \
        int width, int valueWidth, int keyHeads, int queryLength, int keyLength, float scale, int window, float cap,   \
        const float *sinks, const float *query, long long queryStride, const float *key, long long keyStride,          \
        const float *value, long long valueStride, float *output, long long outputStride) {                            \
        attention<ROWS, WIDTH, VALUES, EXTENDED>(width, valueWidth, keyHeads, queryLength, keyLength, scale, window,   \
                                                 cap, sinks, query, queryStride, key, keyStride, value, valueStride,   \
                                                 output, outputStride);                                                \
    }

#define BOTH(ROWS, WIDTH, VALUES)                                                                                     \
    ATTENTION(attention_##WIDTH, ROWS, WIDTH, VALUES, false)                                                           \
    ATTENTION(attention_##WIDTH##_extended, ROWS, WIDTH, VALUES, true)

BOTH(64, 32, 32)
BOTH(64, 64, 64)
BOTH(64, 128, 128)
BOTH(32, 192, 128)
BOTH(32, 256, 256)
