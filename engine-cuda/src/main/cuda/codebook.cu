// Nearest vectors of codebooks, and vectors of codes: CodebookOps.encode and decode.
//
// The arithmetic is that of the definition, in the same order and precision and without fused operations, so that codes are
// the same: E8P is searched in double precision, its second stage in single.
//
// Shapes   vectors, decoded [rows x columns * d] with any stride; codes [rows x columns]. d is 8 for E8P, 1 for grids.
// Launch   256 threads (128 for E8P), one vector a thread (strided loop).
// Defined by Codebook.encode and decode, in ScalarCodebookOps.
#include <stdint.h>

// What the search in E8P reads; all vectors doubled.
struct Tables {
    const int8_t *rows;      // [256 x 8] absolute values
    const int16_t *rowOfKey; // row by digits in base 3, or -1
    const int8_t *shorts;    // [256 x 8] of the second stage of 3 bits
};

static __device__ __forceinline__ int sign_bit(int i) { return i / 2 + (i % 2) * 4; }

static __device__ __forceinline__ bool is_odd(const int8_t *row) {
    int doubled = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        doubled += row[i];
    }
    return doubled / 2 % 2 == 1;
}

static __device__ int row_of(const Tables &tables, const int (&doubled)[8]) {
    int key = 0;
    bool inside = true;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        int magnitude = abs(doubled[i]);
        inside &= magnitude <= 5;
        key = 3 * key + (magnitude - 1) / 2;
    }
    return inside ? tables.rowOfKey[key] : -1;
}

// The half-integer, doubled, on the other side of `value`.
static __device__ __forceinline__ int across(double value, int doubled) {
    return doubled + (value > doubled / 2.0 ? 2 : -2);
}

// The nearest of all half-integer vectors with an even sum, doubled, and the vector that differs in the two coordinates where
// that costs least.
static __device__ void round_to_lattice(const double (&target)[8], int (&found)[8], int (&neighbour)[8]) {
    int sum = 0;
    int farthest = 0;
    int second = 1;
    double most = -1;
    double next = -1;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        double below = floor(target[i]);
        found[i] = (int)fmin(fmax(2 * below + 1, -99.0), 99.0);
        neighbour[i] = found[i];
        sum += found[i];
        double error = fabs(__dsub_rn(__dsub_rn(target[i], below), 0.5));
        if (error > most) {
            second = farthest;
            next = most;
            farthest = i;
            most = error;
        } else if (error > next) {
            second = i;
            next = error;
        }
    }
    const bool even = sum / 2 % 2 == 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        int other = across(target[i], found[i]);
        neighbour[i] = i == second || (even && i == farthest) ? other : neighbour[i];
        found[i] = !even && i == farthest ? other : found[i];
    }
}

// The nearest vector of the table, from all its rows. The signs are those of the target; where that makes the sum odd, the
// one is flipped that costs least.
static __device__ void search(const Tables &tables, const double (&target)[8], int (&found)[8]) {
    bool odd = false;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        odd ^= target[i] < 0;
    }
    int best = 0;
    double most = -__longlong_as_double(0x7ff0000000000000LL);
    double leastOfBest = 0;
    for (int row = 0; row < 256; row++) {
        double products = 0;
        double least = __longlong_as_double(0x7ff0000000000000LL);
        int norm = 0;
        int sum = 0;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            int value = tables.rows[8 * row + i];
            double product = __dmul_rn(fabs(target[i]), value / 2.0);
            products = __dadd_rn(products, product);
            least = fmin(least, product);
            norm += value * value;
            sum += value;
        }
        double flipped = (sum / 2 % 2 == 1) == odd ? 0 : 4 * least;
        double gain = __dsub_rn(__dsub_rn(2 * products, norm / 4.0), flipped);
        if (gain > most) {
            most = gain;
            best = row;
            leastOfBest = least;
        }
    }
    const bool bestOdd = is_odd(tables.rows + 8 * best);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        int value = tables.rows[8 * best + i];
        bool negative = target[i] < 0;
        if (bestOdd != odd && __dmul_rn(fabs(target[i]), value / 2.0) == leastOfBest) {
            negative = !negative;
            odd = !odd;
        }
        found[i] = negative ? -value : value;
    }
}

// Puts the nearest vector of the table in place of one that is not there.
static __device__ void in_table(const Tables &tables, const double (&target)[8], int (&found)[8]) {
    if (row_of(tables, found) < 0) {
        search(tables, target, found);
    }
}

static __device__ __forceinline__ void shifted(const float (&x)[8], double offset, double (&target)[8]) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
        target[i] = __dadd_rn((double)x[i], offset);
    }
}

// The unshifted vector nearest to x + offset, doubled; its squared distance.
static __device__ double nearest(const Tables &tables, const float (&x)[8], double offset, int (&found)[8]) {
    double target[8];
    int neighbour[8];
    shifted(x, offset, target);
    round_to_lattice(target, found, neighbour);
    in_table(tables, target, found);
    double distance = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        double difference = __dsub_rn(target[i], found[i] / 2.0);
        distance = __dadd_rn(distance, __dmul_rn(difference, difference));
    }
    return distance;
}

// The code of a doubled vector of the unshifted lattice, of row `row` of the table.
static __device__ int code_of(const Tables &tables, int row, const int (&doubled)[8], bool down) {
    int signs = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        signs |= doubled[i] < 0 ? 1 << sign_bit(i) : 0;
    }
    if (is_odd(tables.rows + 8 * row)) {
        signs ^= 1 << sign_bit(7);
    }
    return row << 8 | (down ? signs ^ 1 : signs);
}

static __device__ int e8p_encode(const Tables &tables, const float (&x)[8]) {
    int up[8], down[8];
    double distanceUp = nearest(tables, x, -0.25, up);
    double distanceDown = nearest(tables, x, 0.25, down);
    const bool isDown = distanceDown < distanceUp;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        up[i] = isDown ? down[i] : up[i];
    }
    return code_of(tables, row_of(tables, up), up, isDown);
}

// Codes of vectors near x: for either direction of the shift the nearest one, then its neighbour or -1.
static __device__ void e8p_near(const Tables &tables, const float (&x)[8], int (&codes)[4]) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
        double target[8];
        int found[8], neighbour[8];
        shifted(x, i == 1 ? 0.25 : -0.25, target);
        round_to_lattice(target, found, neighbour);
        int row = row_of(tables, neighbour);
        codes[2 * i + 1] = row < 0 ? -1 : code_of(tables, row, neighbour, i == 1);
        in_table(tables, target, found);
        codes[2 * i] = code_of(tables, row_of(tables, found), found, i == 1);
    }
}

static __device__ void e8p_decode(const Tables &tables, int code, float (&x)[8]) {
    const int8_t *row = tables.rows + 8 * (code >> 8 & 255);
    int signs = code & 255;
    const bool down = __popc(signs) % 2 == 1;
    signs ^= down ? 1 : 0;
    signs ^= is_odd(row) ? 1 << sign_bit(7) : 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        float magnitude = row[i] / 2.0f;
        x[i] = (signs >> sign_bit(i) & 1 ? -magnitude : magnitude) + (down ? -0.25f : 0.25f);
    }
}

// The row of E81B with the largest 2 x c - c^2; the first of equals.
static __device__ int nearest_short(const Tables &tables, const float (&x)[8]) {
    int best = 0;
    float most = 0;
    for (int row = 0; row < 256; row++) {
        int norm = 0;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            norm += tables.shorts[8 * row + i] * tables.shorts[8 * row + i];
        }
        float gain = -norm / 4.0f;
#pragma unroll
        for (int i = 0; i < 8; i++) {
            gain = __fadd_rn(gain, __fmul_rn(2 * x[i], tables.shorts[8 * row + i] / 2.0f));
        }
        if (row == 0 || gain > most) {
            most = gain;
            best = row;
        }
    }
    return best;
}

static __device__ int residual_bits(int bits) { return 8 * (bits - 2); }

static __device__ void decode_second(const Tables &tables, int bits, int code, float (&x)[8]) {
    if (bits == 4) {
        e8p_decode(tables, code, x);
        return;
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
        x[i] = tables.shorts[8 * code + i] / 2.0f;
    }
}

static __device__ void decode_stages(const Tables &tables, int bits, float residualScale, int code, float (&x)[8]) {
    if (bits == 2) {
        e8p_decode(tables, code, x);
        return;
    }
    e8p_decode(tables, (uint32_t)code >> residual_bits(bits), x);
    int second = code & ((1 << residual_bits(bits)) - 1);
    float rest[8];
    decode_second(tables, bits, second, rest);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        x[i] = __fadd_rn(x[i], __fdiv_rn(rest[i], residualScale));
    }
}

// The code of the second stage that goes with `code`, and the squared error of both, scaled up.
static __device__ int second_stage(const Tables &tables, int bits, float residualScale, int code, const float (&x)[8],
                                   double &error) {
    float rest[8], found[8];
    e8p_decode(tables, code, rest);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        rest[i] = __fmul_rn(__fsub_rn(x[i], rest[i]), residualScale);
    }
    int second = bits == 4 ? e8p_encode(tables, rest) : nearest_short(tables, rest);
    decode_second(tables, bits, second, found);
    error = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        double difference = __dsub_rn((double)rest[i], (double)found[i]);
        error = __dadd_rn(error, __dmul_rn(difference, difference));
    }
    return second;
}

// The best pair that begins with a vector near x.
static __device__ int encode_stages(const Tables &tables, int bits, float residualScale, const float (&x)[8]) {
    if (bits == 2) {
        return e8p_encode(tables, x);
    }
    int candidates[4];
    e8p_near(tables, x, candidates);
    int best = 0;
    double least = __longlong_as_double(0x7ff0000000000000LL);
    for (int i = 0; i < 4; i++) {
        int candidate = candidates[i];
        if (candidate < 0) {
            continue;
        }
        double error;
        int second = second_stage(tables, bits, residualScale, candidate, x, error);
        if (error < least) {
            least = error;
            best = candidate << residual_bits(bits) | second;
        }
    }
    return best;
}

// Codes (unless `known`) and their vectors.
extern "C" __global__ void __launch_bounds__(128) e8p(int rows, int columns, int bits, float residualScale, int known,
                                                      const int8_t *rowTable, const int16_t *rowOfKey,
                                                      const int8_t *shortTable, const float *vectors, long long stride,
                                                      int *codes, float *decoded, long long decodedStride) {
    __shared__ int16_t keys[6561];
    __shared__ int8_t absolute[2048];
    __shared__ int8_t shorts[2048];
    for (int i = threadIdx.x; i < 2048; i += blockDim.x) {
        absolute[i] = rowTable[i];
        shorts[i] = shortTable[i];
    }
    for (int i = threadIdx.x; i < 6561; i += blockDim.x) {
        keys[i] = rowOfKey[i];
    }
    __syncthreads();
    const Tables tables = {absolute, keys, shorts};
    long long count = (long long)rows * columns;
    for (long long e = blockIdx.x * (long long)blockDim.x + threadIdx.x; e < count; e += (long long)gridDim.x * blockDim.x) {
        long long i = e / columns;
        int j = (int)(e - i * columns);
        float x[8];
        if (!known) {
#pragma unroll
            for (int k = 0; k < 8; k++) {
                x[k] = vectors[i * stride + 8 * j + k];
            }
            codes[e] = encode_stages(tables, bits, residualScale, x);
        }
        decode_stages(tables, bits, residualScale, codes[e], x);
#pragma unroll
        for (int k = 0; k < 8; k++) {
            decoded[i * decodedStride + 8 * j + k] = x[k];
        }
    }
}

// Likewise for a grid: values [2^bits], thresholds between them.
extern "C" __global__ void grid(int rows, int columns, int count, int known, const float *values, const float *thresholds,
                                const float *weights, long long stride, int *codes, float *decoded,
                                long long decodedStride) {
    long long total = (long long)rows * columns;
    for (long long e = blockIdx.x * (long long)blockDim.x + threadIdx.x; e < total; e += (long long)gridDim.x * blockDim.x) {
        long long i = e / columns;
        int j = (int)(e - i * columns);
        if (!known) {
            float weight = weights[i * stride + j];
            int code = 0;
            for (int t = 0; t < count - 1; t++) {
                code += weight > thresholds[t];
            }
            codes[e] = code;
        }
        decoded[i * decodedStride + j] = values[codes[e]];
    }
}
