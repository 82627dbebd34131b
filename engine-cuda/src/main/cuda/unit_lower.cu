// Triangular steps of the block LDL: FactorOps.cholesky (clear_upper) and FactorOps.blockUnitLower.
//
// Defined by ScalarFactorOps.

// Zeroes the strict upper triangle. Launch: blocks of 256 threads along the columns, grid.y over rows (strided loop).
extern "C" __global__ void clear_upper(long long order, float *matrix, long long stride) {
    for (long long i = blockIdx.y; i < order; i += gridDim.y) {
        long long j = blockIdx.x * (long long)blockDim.x + threadIdx.x;
        if (j > i && j < order) {
            matrix[i * stride + j] = 0;
        }
    }
}

// Multiplies the block column under every diagonal block from the right by that block's inverse: row x of the column
// becomes y with y C = x, by substitution from the last element to the first.
// Launch   grid.x = block columns, grid.y = tiles of blockDim.x rows below the diagonal block (strided loop); one thread
//          a row; dynamic shared memory: block*block floats for C, then, when `staged`, blockDim.x*(block+1) for the rows.
extern "C" __global__ void solve_block_columns(int order, int block, int staged, float *matrix, long long stride) {
    extern __shared__ float shared[];
    float *diagonal = shared;
    float *rows = shared + block * block;
    int first = blockIdx.x * block;
    for (int e = threadIdx.x; e < block * block; e += blockDim.x) {
        diagonal[e] = matrix[(long long)(first + e / block) * stride + first + e % block];
    }
    for (long long top = first + block + (long long)blockIdx.y * blockDim.x; top < order;
         top += (long long)gridDim.y * blockDim.x) {
        int count = (int)min((long long)blockDim.x, order - top);
        __syncthreads();
        if (staged) {
            for (int e = threadIdx.x; e < count * block; e += blockDim.x) {
                rows[e / block * (block + 1) + e % block] = matrix[(top + e / block) * stride + first + e % block];
            }
        }
        __syncthreads();
        if (threadIdx.x < count) {
            float *x = staged ? rows + threadIdx.x * (block + 1) : matrix + (top + threadIdx.x) * stride + first;
            for (int c = block - 1; c >= 0; c--) {
                float value = x[c];
                for (int k = c + 1; k < block; k++) {
                    value = fmaf(-x[k], diagonal[k * block + c], value);
                }
                x[c] = value / diagonal[c * block + c];
            }
        }
        __syncthreads();
        if (staged) {
            for (int e = threadIdx.x; e < count * block; e += blockDim.x) {
                matrix[(top + e / block) * stride + first + e % block] = rows[e / block * (block + 1) + e % block];
            }
        }
    }
}

// Zeroes the diagonal blocks. Launch: one block a diagonal block.
extern "C" __global__ void clear_diagonal_blocks(int block, float *matrix, long long stride) {
    long long first = (long long)blockIdx.x * block;
    for (int e = threadIdx.x; e < block * block; e += blockDim.x) {
        matrix[(first + e / block) * stride + first + e % block] = 0;
    }
}

// *info, 0 or 1 + the index of a bad pivot, becomes the same of the first diagonal element that is not positive, if that is
// earlier: cuSOLVER does not promise to see a pivot that is not a number. Launch: one block of 256 threads.
extern "C" __global__ void first_bad_pivot(int order, const float *matrix, long long stride, int *info) {
    __shared__ int first;
    if (threadIdx.x == 0) {
        first = *info > 0 ? *info - 1 : order;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < order; i += blockDim.x) {
        if (!(matrix[i * (stride + 1)] > 0)) {
            atomicMin(&first, i);
        }
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        *info = first < order ? first + 1 : 0;
    }
}
