// The sum and the largest of one value a thread, over a block of whole warps. All threads of the block take part, and all get
// the result; sums are in double precision, in a fixed order. Both may be called again and again.
#pragma once

static __device__ double block_sum(double value) {
    __shared__ double lanes[32];
    for (int offset = 16; offset > 0; offset >>= 1) {
        value += __shfl_xor_sync(~0u, value, offset);
    }
    __syncthreads(); // the sum before may still be read
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
