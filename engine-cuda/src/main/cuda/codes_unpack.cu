// Codes of codebooks from their packed words: CodebookOps.decodePacked.
//
// Shapes   codes [rows x columns]; words as PackedCodes lays them out, words of 64 bits with the low half first.
// Launch   blocks of 256 threads along the columns, grid.x over columns, grid.y over rows (strided loop).
// Defined by EightPPacking, ResidualPacking and GridPacking.
#include <stdint.h>

// Word of 64 bits that holds a code of E8P, among those of all codes.
static __device__ __forceinline__ long long word_of(int row, int column, int columns) {
    long long tile = (long long)(row / 16) * (columns / 8) + column / 8;
    return tile * 32 + row % 16 / 2 * 4 + column % 8 / 2;
}

// Where word `index` of a stage is, which has `perRow` words in every row of `stride`, from `first` on.
static __device__ __forceinline__ long long place(long long index, int perRow, int stride, int first) {
    return index / perRow * stride + first + index % perRow;
}

static __device__ __forceinline__ int code_of(const uint32_t *word, int slot) {
    int code = (int)(word[0] >> (8 * slot) & 0xFF) << 8;
#pragma unroll
    for (int bit = 0; bit < 8; bit++) {
        code |= (int)(word[1] >> (4 * bit + slot) & 1) << bit;
    }
    return code;
}

// E8P (secondBits 0), and with a second stage in bytes (8) or of E8P (16), below the first in the code.
extern "C" __global__ void unpack_e8p(int rows, int columns, int secondBits, const uint32_t *words, int *codes) {
    int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    const int firstPerRow = columns / 4;
    const int secondPerRow = columns * secondBits / 64;
    const int stride = firstPerRow + secondPerRow;
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const long long word = word_of(row, column, columns);
        const int slot = row % 2 + 2 * (column % 2);
        const long long i = (long long)row * columns + column;
        int code = code_of(words + 2 * place(word, firstPerRow, stride, 0), slot);
        if (secondBits == 16) {
            int second = code_of(words + 2 * place(word, secondPerRow, stride, firstPerRow), slot);
            code = (int)((uint32_t)code << 16 | (uint32_t)second);
        } else if (secondBits == 8) {
            const uint32_t *second = words + 2 * place(i / 8, secondPerRow, stride, firstPerRow);
            code = code << 8 | (int)(second[i % 8 / 4] >> (8 * (i % 4)) & 0xFF);
        }
        codes[i] = code;
    }
}

// Grids: every row begins with a new word of 32 bits, the first code in the lowest bits.
extern "C" __global__ void unpack_grid(int rows, int columns, int bits, const uint32_t *words, int *codes) {
    int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    const int perRow = (columns * bits + 31) / 32;
    const int bit = column * bits;
    const int shift = bit % 32;
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const uint32_t *word = words + (long long)row * perRow + bit / 32;
        uint32_t code = word[0] >> shift;
        if (shift + bits > 32) {
            code |= word[1] << (32 - shift);
        }
        codes[(long long)row * columns + column] = (int)(code & ((1u << bits) - 1));
    }
}
