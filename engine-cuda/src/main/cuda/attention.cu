// Causal softmax attention with grouped heads, without a matrix of queries by keys in memory: TransformerOps.causalAttention.
//
// A block holds a tile of ROWS queries of one head and goes over the keys in tiles of as many; it keeps for every query the
// largest score so far, the sum of exponentials relative to it, and the weighted sum of values, which is rescaled when the
// largest score grows (Milakov and Gimelshein 2018; Dao et al. 2022). All in fp32.
//
// Shapes   query, output [windows * queryLength x heads * width]; key, value [windows * keyLength x keyHeads * width]; the
//          queries are the last queryLength of the keyLength positions of their window.
// Launch   grid (ceil(queryLength / ROWS), heads, windows), 256 threads as 16 x 16; each has ROWS/16 queries, and of those
//          ROWS/16 keys of a tile and WIDTH/16 columns of the output. Dynamic shared memory: query and key tiles of
//          ROWS * (WIDTH + 4) floats and a score tile of ROWS * (ROWS + 1). width <= WIDTH; what is beyond is zero.
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

template <int ROWS, int WIDTH>
static __device__ __forceinline__ void attention(int width, int keyHeads, int queryLength, int keyLength, float scale,
                                                 const float *query, long long queryStride, const float *key,
                                                 long long keyStride, const float *value, long long valueStride,
                                                 float *output, long long outputStride) {
    constexpr int PITCH = WIDTH + 4;
    constexpr int Q = ROWS / 16;  // queries, and keys, of a thread
    constexpr int W = WIDTH / 16; // columns of a thread
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
    const float *valueWindow = value + (long long)blockIdx.z * keyLength * valueStride + keyHead * width;
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
    for (int firstKey = 0; firstKey < lastKey; firstKey += ROWS) {
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
                score[a][b] = seen ? score[a][b] * scale : -__int_as_float(0x7f800000);
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
        fetch<ROWS, WIDTH>(keys, valueWindow + firstKey * valueStride, valueStride, keyCount, width);
        __syncthreads();
        for (int k = 0; k < keyCount; k++) {
            float v[W];
#pragma unroll
            for (int w = 0; w < W; w++) {
                v[w] = keys[k * PITCH + tx + 16 * w];
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
    float *outputTile = output + ((long long)blockIdx.z * queryLength + firstQuery) * outputStride + head * width;
#pragma unroll
    for (int a = 0; a < Q; a++) {
        int r = ty + 16 * a;
#pragma unroll
        for (int w = 0; w < W; w++) {
            int c = tx + 16 * w;
            if (r < queryCount && c < width) {
                outputTile[r * outputStride + c] = mixed[a][w] / sum[a];
            }
        }
    }
}

#define ATTENTION(ROWS, WIDTH)                                                                                        \
    extern "C" __global__ void __launch_bounds__(256) attention_##WIDTH(                                               \
        int width, int keyHeads, int queryLength, int keyLength, float scale, const float *query,                      \
        long long queryStride, const float *key, long long keyStride, const float *value, long long valueStride,       \
        float *output, long long outputStride) {                                                                       \
        attention<ROWS, WIDTH>(width, keyHeads, queryLength, keyLength, scale, query, queryStride, key, keyStride,     \
                               value, valueStride, output, outputStride);                                              \
    }

ATTENTION(64, 32)
ATTENTION(64, 64)
ATTENTION(64, 128)
ATTENTION(32, 256)
