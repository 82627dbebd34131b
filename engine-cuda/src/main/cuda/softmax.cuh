// The logarithm of the partition function of a row of logits. All threads of the block take part, and all get the result; sums are
// in double precision, in a fixed order.
#pragma once

#include "block.cuh"

// log sum exp of a row.
static __device__ double log_sum(const float *row, int classes) {
    float largest = -__int_as_float(0x7f800000);
    for (int j = threadIdx.x; j < classes; j += blockDim.x) {
        largest = fmaxf(largest, row[j]);
    }
    largest = block_max(largest);
    double sum = 0;
    for (int j = threadIdx.x; j < classes; j += blockDim.x) {
        sum += expf(row[j] - largest);
    }
    return largest + log(block_sum(sum));
}
