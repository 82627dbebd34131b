// Rotary position embedding in place: TransformerOps.rotate and DecodeOps.rotate, and back: GradientOps.rotate.
//
// In every head of `width` columns pair i is (x[first + step i], x[first + step i + distance]): halves have step 1 and distance
// pairs, neighbours step 2 and distance 1. What turns is multiplied by `amplitude`.
//
// Shapes   heads [rows x count * width], frequencies [1 x pairs]. Row r is at positions[r], or without positions at
//          firstPosition + r mod window; `back` turns the other way.
// Launch   256 threads, one for every pair of 8 heads; grid.x over ceil(count / 8) * pairs, grid.y over rows (strided loop).
// The angle is in double precision: it grows to tens of thousands, where a float knows only a few of its digits.
// Defined by ScalarTransformerOps.rotate, ScalarDecodeOps.rotate and ScalarGradientOps.rotate.

extern "C" __global__ void rotate(long long rows, int count, int width, int first, int pairs, int step, int distance,
                                  float amplitude, const float *frequencies, int window, int firstPosition, const int *positions,
                                  int back,
                                  float *heads, long long stride) {
    const int item = blockIdx.x * blockDim.x + threadIdx.x;
    const int i = item % pairs;
    const int firstHead = item / pairs * 8;
    if (firstHead >= count) {
        return;
    }
    const double frequency = frequencies[i];
    for (long long r = blockIdx.y; r < rows; r += gridDim.y) {
        double sine, cosine;
        sincos((positions ? positions[r] : firstPosition + r % window) * frequency, &sine, &cosine);
        cosine *= amplitude;
        sine *= back ? -amplitude : amplitude;
        for (int head = firstHead; head < min(count, firstHead + 8); head++) {
            float *x = heads + r * stride + head * width + first + i * step;
            const double a = x[0];
            const double b = x[distance];
            x[0] = (float)(a * cosine - b * sine);
            x[distance] = (float)(b * cosine + a * sine);
        }
    }
}
