// Viterbi search in any bitshift trellis, in fp32: TrellisOps.encode where viterbi.cu has no kernel.
//
// forward  Launch: one block of 256 threads a sequence. A thread computes the least cost of whole groups and stores the branch
//          that gives it, the smallest of equals. costs: 2 * 2^G floats of global memory for every sequence of the launch.
// back     Launch: one thread a sequence.
//
// Shapes   as in viterbi.cu; table [2^L x V] in fp32; choices [count x (to - recordFrom) x 2^G] of 16 bits.
// Defined by ScalarTrellisOps.encode.
#include <stdint.h>

struct Least {
    float cost;
    int group;
};

static __device__ Least smaller(Least a, Least b) {
    return b.cost < a.cost || (b.cost == a.cost && b.group < a.group) ? b : a;
}

// The group of least cost, in thread 0.
static __device__ int least_group(const float *costs, int groups) {
    __shared__ Least lanes[256];
    Least least = {__int_as_float(0x7f800000), 1 << 30};
    for (int g = threadIdx.x; g < groups; g += blockDim.x) {
        least = smaller(least, {costs[g], g});
    }
    lanes[threadIdx.x] = least;
    __syncthreads();
    for (int half = 128; half > 0; half >>= 1) {
        if (threadIdx.x < half) {
            lanes[threadIdx.x] = smaller(lanes[threadIdx.x], lanes[threadIdx.x + half]);
        }
        __syncthreads();
    }
    return lanes[0].group;
}

extern "C" __global__ void __launch_bounds__(256)
    forward_any(int stateBits, int stepBits, int values, const float *table, const float *sequences, long long stride,
                int steps, int from, int to, int recordFrom, const int *start, float *costs, uint16_t *choices,
                int *end) {
    const int groupBits = stateBits - stepBits;
    const int groups = 1 << groupBits;
    const long long sequence = blockIdx.x;
    const float *row = sequences + sequence * stride;
    float *buffers = costs + sequence * 2 * groups;
    for (int g = threadIdx.x; g < groups; g += blockDim.x) {
        buffers[g] = !start || start[sequence] == g ? 0 : __int_as_float(0x7f800000);
    }
    __syncthreads();
    int current = 0;
    for (int i = from; i < to; i++) {
        const float *x = row + (long long)(i % steps) * values;
        const float *previous = buffers + current * groups;
        for (int g = threadIdx.x; g < groups; g += blockDim.x) {
            float least = __int_as_float(0x7f800000);
            int branch = 0;
            for (int d = 0; d < 1 << stepBits; d++) {
                int state = d << groupBits | g;
                float cost = previous[state >> stepBits];
                for (int v = 0; v < values; v++) {
                    float difference = table[state * values + v] - fminf(fmaxf(x[v], -1e6f), 1e6f);
                    cost = fmaf(difference, difference, cost);
                }
                if (cost < least) {
                    least = cost;
                    branch = d;
                }
            }
            buffers[(current ^ 1) * groups + g] = least;
            if (i >= recordFrom) {
                choices[(sequence * (to - recordFrom) + i - recordFrom) * groups + g] = (uint16_t)branch;
            }
        }
        current ^= 1;
        __syncthreads();
    }
    if (end) {
        int group = least_group(buffers + current * groups, groups);
        if (threadIdx.x == 0) {
            end[sequence] = group;
        }
    }
}

extern "C" __global__ void back_any(int stateBits, int stepBits, int count, int steps, int to, int stop,
                                    const uint16_t *choices, const int *endGroups, int *stopGroups, int *states) {
    const int sequence = blockIdx.x * blockDim.x + threadIdx.x;
    if (sequence >= count) {
        return;
    }
    const int groupBits = stateBits - stepBits;
    int group = endGroups[sequence];
    for (int i = to - 1; i >= stop; i--) {
        int branch = choices[(((long long)sequence * (to - stop) + i - stop) << groupBits) + group];
        int state = branch << groupBits | group;
        if (states) {
            states[(long long)sequence * steps + i % steps] = state;
        }
        group = state >> stepBits;
    }
    if (stopGroups) {
        stopGroups[sequence] = group;
    }
}
