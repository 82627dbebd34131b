// Backward form of causal softmax attention in fp32: GradientOps.causalAttention of short windows and of any width of heads.
//
// With scores s = scale q k, or cap tanh(scale q k / cap) where `cap` is above 0, weights p = softmax(s) of the keys that a query
// sees and of the sink, o = p v, D = do o: dv = pT do, ds = p (do v - D) (1 - (s / cap)^2), dq = scale ds k, dk = scale dsT q. A
// query sees the last `window` of the keys up to its own.
//
// queries  gradients of queries, a block for 64 of them, which goes over the keys in tiles of 64 twice: first for the largest score
//          and the sum of exponentials. Writes both (the inverse of the sum), D, and the weight of the sink times D of every query.
//          Launch: grid (ceil(length / 64), heads, windows).
// keys     gradients of keys and values, a block for 64 of them, which goes over the queries of all heads that share them. Launch:
//          grid (ceil(length / 64), keyHeads, windows).
// sinks    subtracts from sinkGradient[head] the sum over all queries of the weight of the sink times D. Launch: a block a head.
// All have 256 threads, in the first two as 16 x 16: thread (x, y) has rows y + 16 a and columns x + 16 b of a tile. Dynamic shared
// memory: two pieces of 64 rows of 64 + 4 floats, and tiles of 64 x 65, one for `queries`, two for `keys`.
//
// Shapes   query, queryGradient [windows * length x heads * width], key, keyGradient [windows * length x keyHeads * width], value,
//          valueGradient [same x keyHeads * valueWidth], output, outputGradient [windows * length x heads * valueWidth]; numbers
//          [windows x heads x length] of float4; window at most length.
// Defined by ScalarGradientOps.causalAttention.
#include "softmax.cuh"

static constexpr int TILE = 64;
static constexpr int PIECE = 64; // columns of a head that are in shared memory at once
static constexpr int PITCH = PIECE + 4;
static constexpr int TILE_PITCH = TILE + 1;
static constexpr int OWN = TILE / 16; // rows, and columns, of a thread

// Rows of one head and what leads from one to the next.
struct Rows {
    const float *first;
    long long stride;
    int count;
    int width;

    __device__ __forceinline__ Rows(const float *matrix, long long stride, long long row, int column, int count, int width)
        : first(matrix + row * stride + column), stride(stride), count(count), width(width) {}

    // Columns from `column` on, zero beyond the last row and column.
    __device__ __forceinline__ void fetch(float *piece, int column) const {
        for (int e = threadIdx.x; e < TILE * PIECE; e += 256) {
            const int r = e / PIECE;
            const int c = e % PIECE;
            piece[r * PITCH + c] = r < count && column + c < width ? first[r * stride + column + c] : 0;
        }
    }
};

// products[a][b] = inner product of rows y + 16 a of `left` and x + 16 b of `right`, summed in the order of columns.
static __device__ __forceinline__ void multiply(const Rows &left, const Rows &right, float *pieces,
                                                float (&products)[OWN][OWN]) {
    const int tx = threadIdx.x % 16;
    const int ty = threadIdx.x / 16;
    float *lefts = pieces;
    float *rights = pieces + TILE * PITCH;
#pragma unroll
    for (int a = 0; a < OWN; a++) {
#pragma unroll
        for (int b = 0; b < OWN; b++) {
            products[a][b] = 0;
        }
    }
    for (int column = 0; column < left.width; column += PIECE) {
        __syncthreads();
        left.fetch(lefts, column);
        right.fetch(rights, column);
        __syncthreads();
#pragma unroll 4
        for (int c = 0; c < PIECE; c += 4) {
            float4 y[OWN];
#pragma unroll
            for (int b = 0; b < OWN; b++) {
                y[b] = *(const float4 *)&rights[(tx + 16 * b) * PITCH + c];
            }
#pragma unroll
            for (int a = 0; a < OWN; a++) {
                const float4 x = *(const float4 *)&lefts[(ty + 16 * a) * PITCH + c];
#pragma unroll
                for (int b = 0; b < OWN; b++) {
                    products[a][b] = fmaf(x.x, y[b].x, products[a][b]);
                    products[a][b] = fmaf(x.y, y[b].y, products[a][b]);
                    products[a][b] = fmaf(x.z, y[b].z, products[a][b]);
                    products[a][b] = fmaf(x.w, y[b].w, products[a][b]);
                }
            }
        }
    }
}

// target [count x width] = factor * tile times `right`, or += it once that has `begun`. `right` has as many rows as the tile has
// columns that count; a thread has rows y + 16 a and columns 4 x to 4 x + 3 of every piece.
static __device__ __forceinline__ void mix(const float *tile, const Rows &right, float factor, bool begun, float *piece,
                                           float *target, long long targetStride, int count) {
    const int tx = threadIdx.x % 16;
    const int ty = threadIdx.x / 16;
    for (int column = 0; column < right.width; column += PIECE) {
        __syncthreads(); // the tile is complete, the piece is free
        right.fetch(piece, column);
        __syncthreads();
        float sums[OWN][4] = {};
        for (int k = 0; k < right.count; k++) {
            const float4 x = *(const float4 *)&piece[k * PITCH + 4 * tx];
#pragma unroll
            for (int a = 0; a < OWN; a++) {
                const float weight = tile[(ty + 16 * a) * TILE_PITCH + k];
                sums[a][0] = fmaf(weight, x.x, sums[a][0]);
                sums[a][1] = fmaf(weight, x.y, sums[a][1]);
                sums[a][2] = fmaf(weight, x.z, sums[a][2]);
                sums[a][3] = fmaf(weight, x.w, sums[a][3]);
            }
        }
#pragma unroll
        for (int a = 0; a < OWN; a++) {
            const int r = ty + 16 * a;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const int c = column + 4 * tx + i;
                if (r < count && c < right.width) {
                    float *at = target + r * targetStride + c;
                    *at = begun ? fmaf(factor, sums[a][i], *at) : factor * sums[a][i];
                }
            }
        }
    }
}

// The score of a scaled product, and its derivative.
static __device__ __forceinline__ float capped(float product, float cap, float &slope) {
    const float share = cap > 0 ? tanhf(product / cap) : 0;
    slope = 1 - share * share;
    return cap > 0 ? cap * share : product;
}

static __device__ __forceinline__ float over_columns(float value) {
    for (int offset = 8; offset > 0; offset >>= 1) {
        value += __shfl_xor_sync(~0u, value, offset);
    }
    return value;
}

static __device__ __forceinline__ float largest_of_columns(float value) {
    for (int offset = 8; offset > 0; offset >>= 1) {
        value = fmaxf(value, __shfl_xor_sync(~0u, value, offset));
    }
    return value;
}

extern "C" __global__ void __launch_bounds__(256) queries(
    int keyHeads, int width, int valueWidth, int length, float scale, int window, float cap, const float *sinks,
    const float *query, long long queryStride, const float *key, long long keyStride, const float *value,
    long long valueStride, const float *output, long long outputStride, const float *outputGradient,
    long long outputGradientStride, float *queryGradient, long long queryGradientStride, float4 *numbers) {
    extern __shared__ __align__(16) float shared[];
    float *pieces = shared;
    float *tile = pieces + 2 * TILE * PITCH;
    const int tx = threadIdx.x % 16;
    const int ty = threadIdx.x / 16;
    const int head = blockIdx.y;
    const int keyHead = head / (gridDim.y / keyHeads);
    const int firstQuery = blockIdx.x * TILE;
    const int count = min(TILE, length - firstQuery);
    const int start = max(0, firstQuery - window + 1);
    const int end = firstQuery + count; // of keys, exclusive
    const long long before = (long long)blockIdx.z * length;
    const Rows x(query, queryStride, before + firstQuery, head * width, count, width);
    const Rows dy(outputGradient, outputGradientStride, before + firstQuery, head * valueWidth, count, valueWidth);
    const Rows y(output, outputStride, before + firstQuery, head * valueWidth, count, valueWidth);
    float largest[OWN], sum[OWN], mean[OWN];
#pragma unroll
    for (int a = 0; a < OWN; a++) {
        largest[a] = -1e30f;
        sum[a] = mean[a] = 0;
    }
    for (int firstKey = start; firstKey < end; firstKey += TILE) {
        const int keyCount = min(TILE, end - firstKey);
        float scores[OWN][OWN];
        multiply(x, Rows(key, keyStride, before + firstKey, keyHead * width, keyCount, width), pieces, scores);
#pragma unroll
        for (int a = 0; a < OWN; a++) {
            float now = largest[a];
#pragma unroll
            for (int b = 0; b < OWN; b++) {
                const int behind = firstQuery + ty + 16 * a - (firstKey + tx + 16 * b); // the key is behind the query
                float slope;
                const float score = capped(scores[a][b] * scale, cap, slope);
                scores[a][b] = behind >= 0 && behind < window ? score : -__int_as_float(0x7f800000);
                now = fmaxf(now, scores[a][b]);
            }
            now = largest_of_columns(now);
            float added = 0;
#pragma unroll
            for (int b = 0; b < OWN; b++) {
                added += expf(scores[a][b] - now);
            }
            sum[a] = sum[a] * expf(largest[a] - now) + over_columns(added);
            largest[a] = now;
        }
    }
    const float sink = sinks ? sinks[head] : -__int_as_float(0x7f800000);
#pragma unroll
    for (int a = 0; a < OWN; a++) {
        const int r = ty + 16 * a;
        for (int c = tx; r < count && c < valueWidth; c += 16) {
            mean[a] = fmaf(dy.first[r * dy.stride + c], y.first[r * y.stride + c], mean[a]);
        }
        mean[a] = over_columns(mean[a]);
        const float sinkWeight = 1 / (1 + sum[a] * expf(largest[a] - sink)); // 0 without a sink
        sum[a] = 1 / (sum[a] + expf(sink - largest[a]));
        if (r < count && tx == 0) {
            numbers[((long long)blockIdx.z * gridDim.y + head) * length + firstQuery + r] =
                make_float4(largest[a], sum[a], mean[a], sinkWeight * mean[a]);
        }
    }
    float *target = queryGradient + (before + firstQuery) * queryGradientStride + head * width;
    for (int firstKey = start; firstKey < end; firstKey += TILE) {
        const int keyCount = min(TILE, end - firstKey);
        const Rows keys(key, keyStride, before + firstKey, keyHead * width, keyCount, width);
        float scores[OWN][OWN], slopes[OWN][OWN];
        multiply(x, keys, pieces, scores);
        multiply(dy, Rows(value, valueStride, before + firstKey, keyHead * valueWidth, keyCount, valueWidth), pieces, slopes);
#pragma unroll
        for (int a = 0; a < OWN; a++) {
#pragma unroll
            for (int b = 0; b < OWN; b++) {
                const int behind = firstQuery + ty + 16 * a - (firstKey + tx + 16 * b);
                float slope;
                const float weight = expf(capped(scores[a][b] * scale, cap, slope) - largest[a]) * sum[a];
                tile[(ty + 16 * a) * TILE_PITCH + tx + 16 * b] =
                    behind >= 0 && behind < window ? weight * (slopes[a][b] - mean[a]) * slope : 0;
            }
        }
        mix(tile, keys, scale, firstKey != start, pieces, target, queryGradientStride, count);
    }
}

extern "C" __global__ void __launch_bounds__(256) keys(
    int heads, int width, int valueWidth, int length, float scale, int window, float cap, const float *query,
    long long queryStride, const float *key, long long keyStride, const float *value, long long valueStride,
    const float *outputGradient, long long outputGradientStride, const float4 *numbers, float *keyGradient,
    long long keyGradientStride, float *valueGradient, long long valueGradientStride) {
    extern __shared__ __align__(16) float shared[];
    float *pieces = shared;
    float *weights = pieces + 2 * TILE * PITCH;
    float *scoreGradients = weights + TILE * TILE_PITCH;
    const int tx = threadIdx.x % 16;
    const int ty = threadIdx.x / 16;
    const int keyHead = blockIdx.y;
    const int sharing = heads / gridDim.y;
    const int firstKey = blockIdx.x * TILE;
    const int count = min(TILE, length - firstKey);
    const int end = min(length, firstKey + count - 1 + window); // of queries, exclusive
    const long long before = (long long)blockIdx.z * length;
    const Rows k(key, keyStride, before + firstKey, keyHead * width, count, width);
    const Rows v(value, valueStride, before + firstKey, keyHead * valueWidth, count, valueWidth);
    float *keyTarget = keyGradient + (before + firstKey) * keyGradientStride + keyHead * width;
    float *valueTarget = valueGradient + (before + firstKey) * valueGradientStride + keyHead * valueWidth;
    bool begun = false;
    for (int head = keyHead * sharing; head < (keyHead + 1) * sharing; head++) {
        for (int firstQuery = firstKey; firstQuery < end; firstQuery += TILE) {
            const int queryCount = min(TILE, end - firstQuery);
            const Rows x(query, queryStride, before + firstQuery, head * width, queryCount, width);
            const Rows dy(outputGradient, outputGradientStride, before + firstQuery, head * valueWidth, queryCount, valueWidth);
            float scores[OWN][OWN], slopes[OWN][OWN];
            multiply(k, x, pieces, scores);
            multiply(v, dy, pieces, slopes);
#pragma unroll
            for (int b = 0; b < OWN; b++) {
                const int own = firstQuery + tx + 16 * b;
                const float4 number = own < end
                                          ? numbers[((long long)blockIdx.z * heads + head) * length + own]
                                          : make_float4(0, 0, 0, 0);
#pragma unroll
                for (int a = 0; a < OWN; a++) {
                    const int behind = own - (firstKey + ty + 16 * a);
                    const int at = (ty + 16 * a) * TILE_PITCH + tx + 16 * b;
                    float slope;
                    const float weight = expf(capped(scores[a][b] * scale, cap, slope) - number.x) * number.y;
                    const bool seen = behind >= 0 && behind < window && own < end;
                    weights[at] = seen ? weight : 0;
                    scoreGradients[at] = seen ? weight * (slopes[a][b] - number.z) * slope : 0;
                }
            }
            mix(weights, dy, 1, begun, pieces, valueTarget, valueGradientStride, count);
            mix(scoreGradients, x, scale, begun, pieces, keyTarget, keyGradientStride, count);
            begun = true;
        }
    }
}

// `shares`: of query i the weight of the sink times D is at i * step.
extern "C" __global__ void sinks(int windows, int length, const float *shares, int step, float *sinkGradient) {
    double sum = 0;
    for (int window = 0; window < windows; window++) {
        const float *own = shares + ((long long)window * gridDim.x + blockIdx.x) * length * step;
        for (int i = threadIdx.x; i < length; i += blockDim.x) {
            sum += own[(long long)i * step];
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        sinkGradient[blockIdx.x] = (float)(sinkGradient[blockIdx.x] - sum);
    }
}
