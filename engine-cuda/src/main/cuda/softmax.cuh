// What kernels over rows of logits share: sums and maxima over a block, and the logarithm of a row's partition function. All
// threads of the block take part, and all get the result; sums are in double precision, in a fixed order.
#pragma once

static __device__ double block_sum(double value) {
    __shared__ double lanes[32];
    for (int offset = 16; offset > 0; offset >>= 1) {
        value += __shfl_xor_sync(~0u, value, offset);
    }
    __syncthreads();
    if ((threadIdx.x & 31) == 0) {
        lanes[threadIdx.x >> 5] = value;
    }
    __syncthreads();
    value = 0;
    for (int warp = 0; warp < (int)(blockDim.x >> 5); warp++) {
        value += lanes[warp];
    }
    return value;
}

static __device__ float block_max(float value) {
    __shared__ float lanes[32];
    for (int offset = 16; offset > 0; offset >>= 1) {
        value = fmaxf(value, __shfl_xor_sync(~0u, value, offset));
    }
    __syncthreads();
    if ((threadIdx.x & 31) == 0) {
        lanes[threadIdx.x >> 5] = value;
    }
    __syncthreads();
    value = lanes[0];
    for (int warp = 1; warp < (int)(blockDim.x >> 5); warp++) {
        value = fmaxf(value, lanes[warp]);
    }
    return value;
}

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
