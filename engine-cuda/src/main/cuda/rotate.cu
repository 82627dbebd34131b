// Rotary position embedding in place, half-split form: TransformerOps.rotate, and back: GradientOps.rotate.
//
// Shapes   heads [rows x count * width], frequencies [1 x width / 2]. Row r is at position first + r mod window; `back` turns the
//          other way.
// Launch   256 threads, one for every pair of 8 heads; grid.x over ceil(count / 8) * width / 2, grid.y over rows (strided loop).
// The angle is in double precision: it grows to tens of thousands, where a float knows only a few of its digits.
// Defined by ScalarTransformerOps.rotate and ScalarGradientOps.rotate.

extern "C" __global__ void rotate(long long rows, int count, int width, const float *frequencies, int window, int first,
                                  int back, float *heads, long long stride) {
    const int half = width / 2;
    const int item = blockIdx.x * blockDim.x + threadIdx.x;
    const int i = item % half;
    const int firstHead = item / half * 8;
    if (firstHead >= count) {
        return;
    }
    const double frequency = frequencies[i];
    for (long long r = blockIdx.y; r < rows; r += gridDim.y) {
        double sine, cosine;
        sincos((first + r % window) * frequency, &sine, &cosine);
        sine = back ? -sine : sine;
        for (int head = firstHead; head < min(count, firstHead + 8); head++) {
            float *x = heads + r * stride + head * width + i;
            const double a = x[0];
            const double b = x[half];
            x[0] = (float)(a * cosine - b * sine);
            x[half] = (float)(b * cosine + a * sine);
        }
    }
}
