// Attention over a cache in pages, each row by itself: DecodeOps.attend. Long texts are cut into spans of SPAN positions that work side
// by side; where a span begins depends on nothing but its number, so that no sum depends on other rows.
//
// attend     a block has one row, up to HEADS query heads that share keys, and the positions of one span: it writes for each head the
//            largest score, the sum of exponentials relative to it, and the weighted sum of values.
// combine    puts the spans of a head together, in order, with its sink.
//
// Shapes   query [rows x heads * width], keys [slots x keyHeads * width], values likewise with valueWidth; tables [texts x pages],
//          texts and lengths [1 x rows]; partial [rows x heads x spans x (valueWidth + 2)]. width and valueWidth at most WIDTH.
// Launch   attend: (spans, keyHeads * ceil(sharing / HEADS), rows) blocks of 128, spans = ceil(pages * pageLength / SPAN), at least one.
//          combine: (heads, rows) blocks of 128.
// Defined by ScalarDecodeOps.attend.

#define HEADS 8
#define SPAN 256
#define WIDTH 256

extern "C" __global__ void __launch_bounds__(128) attend(int heads, int keyHeads, int width, int valueWidth, float scale, int window,
                                                         float cap, int pageLength, int pages, int slots, const float *query,
                                                         long long queryStride, const float *keys, long long keyStride,
                                                         const float *values, long long valueStride, const int *tables, int textCount,
                                                         const int *texts, const int *lengths, float *partial) {
    __shared__ float queries[HEADS * WIDTH];
    __shared__ float scores[HEADS * SPAN];
    const int row = blockIdx.z;
    const int sharing = heads / keyHeads;
    const int groups = (sharing + HEADS - 1) / HEADS;
    const int keyHead = blockIdx.y / groups;
    const int firstHead = keyHead * sharing + blockIdx.y % groups * HEADS;
    const int count = min(HEADS, (keyHead + 1) * sharing - firstHead);
    const int length = min(lengths[row], pages * pageLength);
    const int text = texts[row];
    const int start = max((int)blockIdx.x * SPAN, max(0, length - window));
    const int end = min(length, (int)(blockIdx.x + 1) * SPAN);
    if (start >= end || text < 0 || text >= textCount) {
        return;
    }
    const int *table = tables + (long long)text * pages;
    for (int e = threadIdx.x; e < count * width; e += blockDim.x) {
        queries[e / width * WIDTH + e % width] = query[row * queryStride + firstHead * width + e];
    }
    __syncthreads();
    const int lane = threadIdx.x & 31;
    for (int p = start + (threadIdx.x >> 5); p < end; p += 4) {
        const int page = min(max(table[p / pageLength], 0), slots / pageLength - 1);
        const float *key = keys + ((long long)page * pageLength + p % pageLength) * keyStride + keyHead * width;
        float sum[HEADS] = {};
        for (int c = lane; c < width; c += 32) {
            const float k = key[c];
#pragma unroll
            for (int h = 0; h < HEADS; h++) {
                sum[h] = fmaf(k, queries[h * WIDTH + c], sum[h]);
            }
        }
#pragma unroll
        for (int h = 0; h < HEADS; h++) {
#pragma unroll
            for (int offset = 16; offset > 0; offset >>= 1) {
                sum[h] += __shfl_xor_sync(~0u, sum[h], offset);
            }
            if (lane == h) {
                const float score = sum[h] * scale;
                scores[h * SPAN + p - start] = cap > 0 ? cap * tanhf(score / cap) : score;
            }
        }
    }
    __syncthreads();
    const int seen = end - start;
    float *own = partial + (((long long)row * heads + firstHead) * gridDim.x + blockIdx.x) * (valueWidth + 2);
    const long long step = (long long)gridDim.x * (valueWidth + 2); // to the next head
    for (int h = threadIdx.x >> 5; h < count; h += 4) {
        float largest = -1e30f;
        for (int p = lane; p < seen; p += 32) {
            largest = fmaxf(largest, scores[h * SPAN + p]);
        }
#pragma unroll
        for (int offset = 16; offset > 0; offset >>= 1) {
            largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, offset));
        }
        float sum = 0;
        for (int p = lane; p < seen; p += 32) {
            const float power = expf(scores[h * SPAN + p] - largest);
            scores[h * SPAN + p] = power;
            sum += power;
        }
#pragma unroll
        for (int offset = 16; offset > 0; offset >>= 1) {
            sum += __shfl_xor_sync(~0u, sum, offset);
        }
        if (lane == 0) {
            own[h * step] = largest;
            own[h * step + 1] = sum;
        }
    }
    __syncthreads();
    for (int c = threadIdx.x; c < valueWidth; c += blockDim.x) {
        float mixed[HEADS] = {};
        for (int p = 0; p < seen; p++) {
            const int position = start + p;
            const int page = min(max(table[position / pageLength], 0), slots / pageLength - 1);
            const float v =
                values[((long long)page * pageLength + position % pageLength) * valueStride + keyHead * valueWidth + c];
#pragma unroll
            for (int h = 0; h < HEADS; h++) {
                mixed[h] = fmaf(scores[h * SPAN + p], v, mixed[h]);
            }
        }
#pragma unroll
        for (int h = 0; h < HEADS; h++) {
            if (h < count) {
                own[h * step + 2 + c] = mixed[h];
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(128) combine(int spans, int valueWidth, int window, int most, const int *lengths,
                                                          const float *sinks, const float *partial, float *output,
                                                          long long outputStride) {
    const int head = blockIdx.x;
    const int row = blockIdx.y;
    const int length = min(lengths[row], most);
    const float *own = partial + ((long long)row * gridDim.x + head) * spans * (valueWidth + 2);
    const int firstSpan = max(0, length - window) / SPAN;
    const int endSpan = (length + SPAN - 1) / SPAN;
    float largest = sinks ? sinks[head] : -1e30f;
    for (int s = firstSpan; s < endSpan; s++) {
        largest = fmaxf(largest, own[s * (valueWidth + 2)]);
    }
    float sum = sinks ? expf(sinks[head] - largest) : 0;
    for (int s = firstSpan; s < endSpan; s++) {
        const float *span = own + s * (valueWidth + 2);
        sum += span[1] * expf(span[0] - largest);
    }
    for (int c = threadIdx.x; c < valueWidth; c += blockDim.x) {
        float mixed = 0;
        for (int s = firstSpan; s < endSpan; s++) {
            const float *span = own + s * (valueWidth + 2);
            mixed = fmaf(span[2 + c], expf(span[0] - largest), mixed);
        }
        output[row * outputStride + head * valueWidth + c] = length > 0 ? mixed / sum : 0;
    }
}
