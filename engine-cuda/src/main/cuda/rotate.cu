// Rotary position embedding in place, half-split form: TransformerOps.rotate.
//
// Shapes   heads [rows x count * width], frequencies [1 x width / 2]. Row r is at position first + r mod window.
// Launch   blocks of 256 threads along the count * width / 2 pairs, grid.x over pairs, grid.y over rows (strided loop).
// The angle is in double precision: it grows to tens of thousands, where a float knows only a few of its digits.
// Defined by ScalarTransformerOps.rotate.

extern "C" __global__ void rotate(long long rows, int count, int width, const float *frequencies, int window, int first,
                                  float *heads, long long stride) {
    int half = width / 2;
    int pair = blockIdx.x * blockDim.x + threadIdx.x;
    if (pair >= count * half) {
        return;
    }
    int i = pair % half;
    double frequency = frequencies[i];
    for (long long r = blockIdx.y; r < rows; r += gridDim.y) {
        double sine, cosine;
        sincos((first + r % window) * frequency, &sine, &cosine);
        float *x = heads + r * stride + pair / half * width + i;
        double a = x[0];
        double b = x[half];
        x[0] = (float)(a * cosine - b * sine);
        x[half] = (float)(b * cosine + a * sine);
    }
}
