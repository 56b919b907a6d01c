/* The arithmetic on a block of weights, in one pass through the cache: widen, combine, round once, and count.

   Every operation and the order of every sum are those of the numpy code in block.py, kernel.py and census.py,
   so both give the same bits. The loops are plain C without contraction into fused multiply-adds; the compiler
   vectorises them. Weights are taken in tiles, whose float64 arrays stay in the first cache of a core. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TILE 512
#define LANES 64 /* as LANES in census.py: number of partial sums of a dot product */
#define RESTRICT __restrict__

enum format { FLOAT32, FLOAT16, BFLOAT16 };
enum outcome { DONE, NO_MEMORY, REFUSED };
enum kind { COMBINED, SCALED, ADDED }; /* as Kind in methods/method.py */

struct merge {
    const double *row; /* a coefficient per delta */
    double scale;      /* factor of the anchor if SCALED, of the sum if ADDED */
    double divisor;    /* of the sum if ADDED */
    int64_t kind;
    int64_t picked; /* parent that is copied; -1 if parents are combined */
    void *result;
};

struct job {
    int64_t parents, merges, pairs;
    const void *const *bits; /* of each parent */
    const int32_t *formats;  /* of each parent */
    const struct merge *merge;
    const int64_t *pair; /* two indices of points each, parents before merges */
    int32_t format;      /* of the results */
    int32_t stochastic;
    uint64_t key;  /* of the noise */
    int64_t start; /* index in its tensor of the first weight, for the noise */
    double largest;
};

/* Results for one block. */
struct sums {
    double *dots;  /* deltas x deltas from the diagonal on, then merges x deltas */
    int64_t *same; /* per pair: equal, and equal among the moved */
    double largest;
    int64_t moved;
};

static float as_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

static uint64_t double_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
}

static double as_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

/* Return whether all weights are finite. */
static int widen(const void *data, int32_t format, int64_t first, int count, double *RESTRICT values) {
    uint32_t bad = 0;
    if (format == FLOAT32) {
        const uint32_t *bits = (const uint32_t *)data + first;
        for (int i = 0; i < count; i++) {
            bad |= (bits[i] & 0x7F800000u) == 0x7F800000u;
            values[i] = (double)as_float(bits[i]);
        }
    } else if (format == BFLOAT16) {
        const uint16_t *bits = (const uint16_t *)data + first;
        for (int i = 0; i < count; i++) {
            uint32_t wide = (uint32_t)bits[i] << 16;
            bad |= (wide & 0x7F800000u) == 0x7F800000u;
            values[i] = (double)as_float(wide);
        }
    } else {
        const uint16_t *bits = (const uint16_t *)data + first;
        for (int i = 0; i < count; i++) {
            uint32_t half = bits[i];
            bad |= (half & 0x7C00u) == 0x7C00u;
            /* With the exponent of float32 moved by 112, subnormal numbers come out right, too. */
            double size = (double)as_float((half & 0x7FFFu) << 13) * 0x1p112;
            values[i] = as_double(double_bits(size) | (uint64_t)(half & 0x8000u) << 48);
        }
    }
    return !bad;
}

static void combine(const struct merge *merge, int64_t deltas, double (*values)[TILE], double (*delta)[TILE],
                    const int64_t *RESTRICT moved, int count, double *RESTRICT merged) {
    const double *anchor = values[0];
    if (merge->kind == SCALED) {
        for (int i = 0; i < count; i++)
            merged[i] = merge->scale * anchor[i];
        for (int64_t d = 0; d < deltas; d++)
            for (int i = 0; i < count; i++)
                merged[i] += merge->row[d] * delta[d][i];
        return;
    }
    if (merge->picked >= 0) {
        memcpy(merged, values[merge->picked], count * sizeof *merged);
        return;
    }
    for (int i = 0; i < count; i++)
        merged[i] = merge->row[0] * delta[0][i];
    for (int64_t d = 1; d < deltas; d++)
        for (int i = 0; i < count; i++)
            merged[i] += merge->row[d] * delta[d][i];
    if (merge->kind == ADDED) {
        if (merge->divisor != 1)
            for (int i = 0; i < count; i++)
                merged[i] /= merge->divisor;
        for (int i = 0; i < count; i++)
            merged[i] = merged[i] == 0 ? anchor[i] : anchor[i] + merge->scale * merged[i];
        return;
    }
    /* -0.0 + 0.0 is 0.0: a zero that does not move keeps its sign. */
    for (int i = 0; i < count; i++) {
        double sum = merged[i] + anchor[i];
        merged[i] = (sum == 0) & !moved[i] ? anchor[i] : sum;
    }
}

/* Round float64 to fewer bits of mantissa, ties to even; numbers below `normal` to multiples of a step. */
static void round_mantissa(const double *RESTRICT values, int count, int dropped, double normal, double magic,
                           double *RESTRICT rounded) {
    const uint64_t below_half = ((uint64_t)1 << (dropped - 1)) - 1, kept = ~(((uint64_t)1 << dropped) - 1);
    for (int i = 0; i < count; i++) {
        uint64_t bits = double_bits(values[i]), sign = bits & ((uint64_t)1 << 63);
        double size = as_double(bits ^ sign);
        double large = as_double((bits + below_half + (bits >> dropped & 1)) & kept);
        /* The sum with `magic`, whose unit in the last place is the step, rounds to the step. */
        double small = as_double(double_bits((size + magic) - magic) | sign);
        rounded[i] = size < normal ? small : large;
    }
}

/* Round to the format of the results: the values to `rounded`, their bits to `result`. */
static void round_nearest(const double *RESTRICT values, int32_t format, int count, double *RESTRICT rounded,
                          void *result) {
    float single[TILE];
    if (format == FLOAT32) {
        uint32_t *RESTRICT words = result;
        for (int i = 0; i < count; i++) {
            float nearest = (float)values[i];
            words[i] = float_bits(nearest);
            rounded[i] = (double)nearest;
        }
        return;
    }
    uint16_t *RESTRICT bits = result;
    if (format == BFLOAT16) {
        round_mantissa(values, count, 45, 0x1p-126, 0x1p-81, rounded);
        for (int i = 0; i < count; i++)
            single[i] = (float)rounded[i];
        for (int i = 0; i < count; i++)
            bits[i] = (uint16_t)(float_bits(single[i]) >> 16);
        return;
    }
    round_mantissa(values, count, 42, 0x1p-14, 0x1p28, rounded);
    for (int i = 0; i < count; i++)
        single[i] = (float)(rounded[i] * 0x1p-112); /* the exponent of float16, subnormal numbers included */
    for (int i = 0; i < count; i++) {
        uint32_t word = float_bits(single[i]), half = (word & 0x7FFFFFFFu) >> 13;
        half = half < 0x7C00u ? half : 0x7C00u; /* out of range: infinite */
        bits[i] = (uint16_t)(half | word >> 31 << 15);
    }
}

static void make_noise(uint64_t key, int64_t start, int count, uint16_t *RESTRICT noise) {
    uint64_t hashes[TILE / 4 + 1];
    const int64_t first = start / 4;
    const int number = (int)((start + count + 3) / 4 - first);
    for (int i = 0; i < number; i++) {
        uint64_t hash = (uint64_t)(first + i) * 0x9E3779B97F4A7C15u + key;
        hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9u;
        hash = (hash ^ hash >> 27) * 0x94D049BB133111EBu;
        hashes[i] = hash ^ hash >> 31;
    }
    memcpy(noise, (const uint16_t *)hashes + (start - first * 4), count * sizeof *noise);
}

static void round_stochastic(const double *RESTRICT values, int32_t format, const uint16_t *RESTRICT noise,
                             int count, double *RESTRICT rounded, uint16_t *RESTRICT bits) {
    if (format == BFLOAT16) {
        for (int i = 0; i < count; i++)
            bits[i] = (uint16_t)((float_bits((float)values[i]) + noise[i]) >> 16);
        for (int i = 0; i < count; i++)
            rounded[i] = (double)as_float((uint32_t)bits[i] << 16);
        return;
    }
    double scratch[TILE];
    for (int i = 0; i < count; i++) {
        uint32_t word = float_bits((float)values[i]), sign = word & 0x80000000u;
        double size = (double)as_float(word ^ sign);
        double large = (double)as_float(((word ^ sign) + (noise[i] >> 3)) & 0xFFFFE000u);
        double small = (double)(int64_t)(size < 1 ? size * 0x1p24 + noise[i] / 65536.0 : 0) * 0x1p-24;
        double chosen = size < 0x1p-14 ? small : large;
        scratch[i] = as_double(double_bits(chosen) | (uint64_t)sign << 32);
    }
    round_nearest(scratch, FLOAT16, count, rounded, bits);
}

static int all_within(const double *RESTRICT values, int count, double largest) {
    int64_t bad = 0;
    for (int i = 0; i < count; i++) {
        double size = as_double(double_bits(values[i]) & ~((uint64_t)1 << 63));
        bad |= !(size <= largest); /* true for NaN */
    }
    return !bad;
}

/* Add products to LANES partial sums; both arrays are 0 from the end of the data to a multiple of LANES. */
static void add_dot(const double *RESTRICT left, const double *RESTRICT right, int count,
                    double *RESTRICT lanes) {
    double sums[LANES];
    memcpy(sums, lanes, sizeof sums);
    for (int i = 0; i < count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += left[i + lane] * right[i + lane];
    memcpy(lanes, sums, sizeof sums);
}

static void add_largest(const double *RESTRICT values, int count, double *RESTRICT lanes) {
    for (int i = 0; i < count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double size = as_double(double_bits(values[i + lane]) & ~((uint64_t)1 << 63));
            lanes[lane] = size > lanes[lane] ? size : lanes[lane];
        }
}

static void count_same16(const uint16_t *RESTRICT left, const uint16_t *RESTRICT right,
                         const uint16_t *RESTRICT moved, int count, int64_t *same) {
    uint16_t equal = 0, both = 0;
    for (int i = 0; i < count; i++) {
        uint16_t each = left[i] == right[i];
        equal += each;
        both += each & moved[i];
    }
    same[0] += equal;
    same[1] += both;
}

static void count_same32(const uint32_t *RESTRICT left, const uint32_t *RESTRICT right,
                         const uint16_t *RESTRICT moved, int count, int64_t *same) {
    uint32_t equal = 0, both = 0;
    for (int i = 0; i < count; i++) {
        uint32_t each = left[i] == right[i];
        equal += each;
        both += each & moved[i];
    }
    same[0] += equal;
    same[1] += both;
}

static void clear_tail(double *values, int count) {
    for (int i = count; i % LANES; i++)
        values[i] = 0;
}

/* Memory of a call: arrays per parent, per delta, and partial sums per dot product. */
struct scratch {
    double (*values)[TILE], (*delta)[TILE], (*lanes)[LANES];
    uint32_t (*form)[TILE]; /* parents in the format of the results, where that is another one */
    const void **point;
};

static int64_t dots_of(const struct job *job) {
    const int64_t deltas = job->parents - 1;
    return deltas * (deltas + 1) / 2 + job->merges * deltas;
}

static int merge_tile(const struct job *job, const struct scratch *use, int64_t first, int count,
                      double *largest, struct sums *sums) {
    const int64_t deltas = job->parents - 1, width = job->format == FLOAT32 ? 4 : 2;
    double merged[TILE], rounded[TILE];
    int64_t moved[TILE];
    uint16_t moved16[TILE], noise[TILE];
    for (int64_t p = 0; p < job->parents; p++) {
        if (!widen(job->bits[p], job->formats[p], first, count, use->values[p]))
            return REFUSED;
        if (job->formats[p] == job->format) {
            use->point[p] = (const char *)job->bits[p] + first * width;
        } else {
            round_nearest(use->values[p], job->format, count, rounded, use->form[p]);
            use->point[p] = use->form[p];
        }
    }
    memset(moved, 0, sizeof moved);
    for (int64_t d = 0; d < deltas; d++) {
        double *RESTRICT delta = use->delta[d];
        const double *parent = use->values[d + 1], *anchor = use->values[0];
        for (int i = 0; i < count; i++) {
            delta[i] = parent[i] - anchor[i];
            moved[i] |= delta[i] != 0;
        }
        clear_tail(delta, count);
        add_largest(delta, count, largest);
    }
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        moved16[i] = (uint16_t)moved[i];
        sum += moved[i];
    }
    sums->moved += sum;
    int64_t dot = 0;
    for (int64_t row = 0; row < deltas; row++)
        for (int64_t column = row; column < deltas; column++)
            add_dot(use->delta[row], use->delta[column], count, use->lanes[dot++]);
    if (job->stochastic)
        make_noise(job->key, job->start + first, count, noise);
    for (int64_t m = 0; m < job->merges; m++) {
        const struct merge *merge = &job->merge[m];
        void *result = (char *)merge->result + first * width;
        combine(merge, deltas, use->values, use->delta, moved, count, merged);
        if (job->stochastic)
            round_stochastic(merged, job->format, noise, count, rounded, result);
        else
            round_nearest(merged, job->format, count, rounded, result);
        if (!all_within(rounded, count, job->largest))
            return REFUSED;
        const double *anchor = use->values[0];
        for (int i = 0; i < count; i++)
            merged[i] = rounded[i] - anchor[i];
        clear_tail(merged, count);
        for (int64_t d = 0; d < deltas; d++)
            add_dot(merged, use->delta[d], count, use->lanes[dot++]);
        use->point[job->parents + m] = result;
    }
    for (int64_t p = 0; p < job->pairs; p++) {
        const void *left = use->point[job->pair[2 * p]], *right = use->point[job->pair[2 * p + 1]];
        if (width == 2)
            count_same16(left, right, moved16, count, sums->same + 2 * p);
        else
            count_same32(left, right, moved16, count, sums->same + 2 * p);
    }
    return DONE;
}

/* Merge the weights from `first` to before `last`; fill `sums`, whose arrays belong to the caller. */
int merge_block(const struct job *job, int64_t first, int64_t last, struct sums *sums) {
    const int64_t dots = dots_of(job);
    double largest[LANES] = {0};
    struct scratch use = {
        .values = malloc(job->parents * sizeof *use.values),
        .delta = malloc(job->parents * sizeof *use.delta),
        .form = malloc(job->parents * sizeof *use.form),
        .lanes = calloc(dots, sizeof *use.lanes),
        .point = malloc((job->parents + job->merges) * sizeof *use.point),
    };
    int outcome = use.values && use.delta && use.form && use.lanes && use.point ? DONE : NO_MEMORY;
    sums->largest = 0;
    sums->moved = 0;
    memset(sums->same, 0, 2 * job->pairs * sizeof *sums->same);
    for (int64_t start = first; outcome == DONE && start < last; start += TILE)
        outcome = merge_tile(job, &use, start, (int)(last - start < TILE ? last - start : TILE), largest, sums);
    for (int64_t dot = 0; outcome == DONE && dot < dots; dot++) {
        double sum = 0;
        for (int lane = 0; lane < LANES; lane++)
            sum += use.lanes[dot][lane];
        sums->dots[dot] = sum;
    }
    for (int lane = 0; lane < LANES; lane++)
        sums->largest = largest[lane] > sums->largest ? largest[lane] : sums->largest;
    free(use.values);
    free(use.delta);
    free(use.form);
    free(use.lanes);
    free(use.point);
    return outcome;
}
