// LDLQ of single columns to a scalar grid, inside a span of at most 128 columns: CodebookOps.roundSpan.
//
// rounded[:, j] = Q(weights[:, j] + feedback[:, j] + sum over k > j of errors[:, k] lower[k, j]), from the last column to the
// first. A warp has two rows, a lane every 32nd column of them; when a column is rounded its error goes to all lanes at once.
//
// Shapes   weights (become the errors), feedback, rounded [parts x rows x columns] with strides; lower [columns x columns] for every
//          part, `lowerDistance` apart, zero on and above the diagonal; codes [parts x rows x columns] without gaps;
//          values [count], thresholds [count - 1], count at most 16.
// Launch   blocks of 256 threads, grid.x over the rows of a part, 16 each, grid.y over parts. Dynamic shared memory: columns x 128
//          floats.
// Defined by BlockLdlq with single columns; nearest values as ScalarGrid.encode.

static constexpr int ROWS = 2;  // of a warp
static constexpr int OWN = 4;   // columns of a lane
static constexpr int WIDTH = 32 * OWN;

struct Row {
    float weight[OWN], target[OWN];
};

// The column `first + lane` of the owner, of which `slot` is a constant after unrolling.
template <int SLOT>
static __device__ __forceinline__ void columns(Row (&rows)[ROWS], const float *lower, int total, float value,
                                               float threshold, long long first, int *codes, float *rounded,
                                               long long stride, int last) {
    const int lane = threadIdx.x & 31;
    float found[ROWS] = {};
    int code[ROWS] = {};
    for (int owner = min(31, total - 1 - 32 * SLOT); owner >= 0; owner--) {
        const float *factors = lower + (32 * SLOT + owner) * WIDTH + lane;
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            const float target = __shfl_sync(~0u, rows[r].target[SLOT], owner);
            const int chosen = __popc(__ballot_sync(~0u, target > threshold));
            const float q = __shfl_sync(~0u, value, chosen);
            const float error = __shfl_sync(~0u, rows[r].weight[SLOT], owner) - q;
            if (lane == owner) {
                found[r] = q;
                code[r] = chosen;
            }
#pragma unroll
            for (int i = 0; i <= SLOT; i++) {
                rows[r].target[i] = fmaf(error, factors[32 * i], rows[r].target[i]);
            }
        }
    }
    const int j = 32 * SLOT + lane;
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
        if (j < total && first + r < last) {
            codes[(first + r) * total + j] = code[r];
            rounded[(first + r) * stride + j] = found[r];
            rows[r].weight[SLOT] -= found[r];
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) round_span(int rows, int total, int count, const float *values,
                                                             const float *thresholds, const float *lower,
                                                             long long lowerStride, long long lowerDistance,
                                                             const float *feedback, long long feedbackStride,
                                                             float *weights, long long stride, int *codes,
                                                             float *rounded, long long roundedStride) {
    extern __shared__ float shared[];
    const long long above = (long long)blockIdx.y * rows; // rows of the parts before this one
    lower += blockIdx.y * lowerDistance;
    feedback += above * feedbackStride;
    weights += above * stride;
    codes += above * total;
    rounded += above * roundedStride;
    for (int e = threadIdx.x; e < total * WIDTH; e += 256) {
        const int j = e % WIDTH;
        shared[e] = j < total ? lower[e / WIDTH * lowerStride + j] : 0;
    }
    __syncthreads();
    const int lane = threadIdx.x & 31;
    const long long first = blockIdx.x * 16LL + threadIdx.x / 32 * ROWS;
    const float value = values[min(lane, count - 1)];
    const float threshold = lane < count - 1 ? thresholds[lane] : __int_as_float(0x7f800000);
    Row mine[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int i = 0; i < OWN; i++) {
            const int j = 32 * i + lane;
            const bool there = j < total && first + r < rows;
            mine[r].weight[i] = there ? weights[(first + r) * stride + j] : 0;
            mine[r].target[i] = there ? mine[r].weight[i] + feedback[(first + r) * feedbackStride + j] : 0;
        }
    }
    columns<3>(mine, shared, total, value, threshold, first, codes, rounded, roundedStride, rows);
    columns<2>(mine, shared, total, value, threshold, first, codes, rounded, roundedStride, rows);
    columns<1>(mine, shared, total, value, threshold, first, codes, rounded, roundedStride, rows);
    columns<0>(mine, shared, total, value, threshold, first, codes, rounded, roundedStride, rows);
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int i = 0; i < OWN; i++) {
            const int j = 32 * i + lane;
            if (j < total && first + r < rows) {
                weights[(first + r) * stride + j] = mine[r].weight[i];
            }
        }
    }
}
