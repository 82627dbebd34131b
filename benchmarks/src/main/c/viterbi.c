// The yardstick of the encoder: trellis-coded quantization as QTIP's paper describes it, in plain C. 2^16 states, one
// weight a state, 2 bits a weight, costs in single precision, sequences of 256, closed by two full passes.
//
//   gcc -O3 -march=native -o viterbi viterbi.c && ./viterbi < input
//
// Input, in the byte order of the machine: an int32 count, 2^16 floats (the values of the states), count * 256 floats
// (the sequences). Output: the median of the seconds that one sequence takes, and the mean squared error.

#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    STEP_BITS = 2,
    BRANCHES = 1 << STEP_BITS,
    STATES = 1 << 16,
    GROUPS = STATES / BRANCHES,
    LENGTH = 256,
    FREE = -1
};

static float table[STATES];
static float costs[2][STATES];
static uint8_t branches[LENGTH][GROUPS];

static float distance(int state, float weight) {
    float difference = table[state] - weight;
    return difference * difference;
}

// The costs of the first step: of all states, or of those that begin with the bits of one group.
static void begin(float weight, int group, float *cost) {
    for (int state = 0; state < STATES; state++) {
        cost[state] = group == FREE || state / BRANCHES == group ? distance(state, weight) : FLT_MAX;
    }
}

// A group of states has the same predecessors: its best one is found once.
static void advance(const float *before, float weight, float *after, uint8_t *branch) {
    for (int group = 0; group < GROUPS; group++) {
        float least = before[group];
        int best = 0;
        for (int high = 1; high < BRANCHES; high++) {
            float cost = before[high * GROUPS + group];
            if (cost < least) {
                least = cost;
                best = high;
            }
        }
        branch[group] = (uint8_t)best;
        for (int low = 0; low < BRANCHES; low++) {
            int state = group * BRANCHES + low;
            after[state] = least + distance(state, weight);
        }
    }
}

// The best path; where a group is given, one that begins and ends with its bits.
static void walk(const float *sequence, int group, int *states) {
    float *before = costs[0];
    float *after = costs[1];
    begin(sequence[0], group, before);
    for (int step = 1; step < LENGTH; step++) {
        advance(before, sequence[step], after, branches[step]);
        float *swap = before;
        before = after;
        after = swap;
    }
    int last = group == FREE ? 0 : group;
    for (int state = last; state < STATES; state += group == FREE ? 1 : GROUPS) {
        if (before[state] < before[last]) {
            last = state;
        }
    }
    states[LENGTH - 1] = last;
    for (int step = LENGTH - 1; step > 0; step--) {
        int entered = states[step] / BRANCHES;
        states[step - 1] = branches[step][entered] * GROUPS + entered;
    }
}

// The sequence rotated by half its length tells which bits the ends share; then the best path with these.
static void encode(const float *sequence, int *states) {
    float rotated[LENGTH];
    for (int step = 0; step < LENGTH; step++) {
        rotated[(step + LENGTH / 2) % LENGTH] = sequence[step];
    }
    walk(rotated, FREE, states);
    walk(sequence, states[LENGTH / 2] / BRANCHES, states);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void *input(size_t size, size_t count) {
    void *memory = malloc(size * count);
    if (memory == NULL || fread(memory, size, count, stdin) != count) {
        fprintf(stderr, "viterbi: the input is too short\n");
        exit(1);
    }
    return memory;
}

int main(void) {
    int32_t count = *(int32_t *)input(sizeof(int32_t), 1);
    memcpy(table, input(sizeof(float), STATES), sizeof table);
    float *sequences = input(sizeof(float), (size_t)count * LENGTH);
    double *times = malloc(count * sizeof(double));
    double error = 0;
    for (int i = 0; i < count; i++) {
        int states[LENGTH];
        const float *sequence = sequences + (size_t)i * LENGTH;
        double start = seconds();
        encode(sequence, states);
        times[i] = seconds() - start;
        for (int step = 0; step < LENGTH; step++) {
            error += distance(states[step], sequence[step]);
        }
    }
    qsort(times, count, sizeof(double), ascending);
    printf("%.9g %.9g\n", times[count / 2], error / ((double)count * LENGTH));
    return 0;
}
