// What goes into cuSOLVER's eigensolver and comes out of it: FactorOps.eigenvectors.
//
// doubled   a square matrix of which the lower triangle is read, in fp64, whole and without gaps.
// vectors   eigenvectors, one after the other in fp64, as the columns of a matrix in fp32.
// Launch    256 threads, grid.x over columns, grid.y over rows (strided loop).
// Defined by ScalarFactorOps.eigenvectors.

extern "C" __global__ void doubled(int order, const float *source, long long stride, double *target) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= order) {
        return;
    }
    for (int i = blockIdx.y; i < order; i += gridDim.y) {
        target[(long long)i * order + j] = source[(long long)max(i, j) * stride + min(i, j)];
    }
}

extern "C" __global__ void vectors(int order, const double *source, float *target, long long stride) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= order) {
        return;
    }
    for (int i = blockIdx.y; i < order; i += gridDim.y) {
        target[(long long)i * stride + j] = (float)source[(long long)j * order + i];
    }
}
