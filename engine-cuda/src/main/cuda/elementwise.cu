// Sums and scalings of row-major matrices with a stride: DenseOps.add, scale, scaleRows, scaleColumns, addRow, addToDiagonal;
// TransformerOps.softCap and GradientOps.softCap.
//
// Shapes   rows x columns; a stride is the number of floats from one row to the next.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (both strided loops).
// Defined by ScalarDenseOps, ScalarTransformerOps and ScalarGradientOps.

#define FOR_EACH_ELEMENT(i, j)                                                                  \
    for (long long i = blockIdx.y; i < rows; i += gridDim.y)                                    \
        for (long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x; j < columns;       \
             j += (long long)gridDim.x * blockDim.x)

extern "C" __global__ void add(long long rows, long long columns, float alpha, const float *source,
                               long long sourceStride, float *target, long long targetStride) {
    FOR_EACH_ELEMENT(i, j) {
        float *t = target + i * targetStride + j;
        *t = fmaf(alpha, source[i * sourceStride + j], *t);
    }
}

extern "C" __global__ void scale(long long rows, long long columns, float factor, float *matrix, long long stride) {
    FOR_EACH_ELEMENT(i, j) { matrix[i * stride + j] *= factor; }
}

extern "C" __global__ void scale_rows(long long rows, long long columns, const float *factors, float *matrix,
                                      long long stride) {
    FOR_EACH_ELEMENT(i, j) { matrix[i * stride + j] *= factors[i]; }
}

extern "C" __global__ void scale_columns(long long rows, long long columns, const float *factors, float *matrix,
                                         long long stride) {
    FOR_EACH_ELEMENT(i, j) { matrix[i * stride + j] *= factors[j]; }
}

extern "C" __global__ void add_row(long long rows, long long columns, const float *row, float *matrix, long long stride) {
    FOR_EACH_ELEMENT(i, j) { matrix[i * stride + j] += row[j]; }
}

extern "C" __global__ void soft_cap(long long rows, long long columns, float cap, float *matrix, long long stride) {
    FOR_EACH_ELEMENT(i, j) { matrix[i * stride + j] = cap * tanhf(matrix[i * stride + j] / cap); }
}

extern "C" __global__ void soft_cap_gradient(long long rows, long long columns, float cap, const float *output,
                                             long long outputStride, float *gradient, long long stride) {
    FOR_EACH_ELEMENT(i, j) {
        const float share = output[i * outputStride + j] / cap;
        gradient[i * stride + j] *= 1 - share * share;
    }
}

// Launch: one thread an element of the diagonal.
extern "C" __global__ void add_to_diagonal(long long order, float value, float *matrix, long long stride) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < order) {
        matrix[i * (stride + 1)] += value;
    }
}
