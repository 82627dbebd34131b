// Code values of trellis states: TrellisOps.decode.
//
// Shapes   states [count x steps], table [2^L x V], decoded [count x steps * V].
// Launch   blocks of 256 threads along the values, grid.x over values, grid.y over sequences (strided loop).
// Defined by ScalarTrellisOps.decode.

extern "C" __global__ void decode(int count, int steps, int values, const float *table, const int *states,
                                  float *decoded, long long stride) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= steps * values) {
        return;
    }
    for (long long sequence = blockIdx.y; sequence < count; sequence += gridDim.y) {
        decoded[sequence * stride + i] = table[states[sequence * steps + i / values] * values + i % values];
    }
}
