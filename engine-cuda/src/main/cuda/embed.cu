// Row i of output = row tokens[i] of table: TransformerOps.embed.
//
// Shapes   table [vocabulary x width], tokens [1 x count], output [count x width].
// Launch   one block of 256 threads a token (strided loop). *wrong becomes 1 + i for a token outside the table.
// Defined by ScalarTransformerOps.embed.

extern "C" __global__ void embed(int vocabulary, int width, int count, const float *table, long long tableStride,
                                 const int *tokens, float *output, long long outputStride, int *wrong) {
    for (int i = blockIdx.x; i < count; i += gridDim.x) {
        int token = tokens[i];
        if (token < 0 || token >= vocabulary) {
            *wrong = 1 + i;
            continue;
        }
        for (int j = threadIdx.x; j < width; j += blockDim.x) {
            output[i * outputStride + j] = table[token * tableStride + j];
        }
    }
}
