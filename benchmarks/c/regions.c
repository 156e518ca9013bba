/*
 * The end of one aggregation over one target, as the engine does it: age, merge (with a rising threshold), cut what is too large, reset, split at random.
 * Built twice: with an array of regions, and with -DLINKED_LIST as a list whose nodes come from a free list. Both, and the engine, draw from the same generator in
 * the same order and must end with the same regions: the checksum says so.
 *
 * regions MAX_REGIONS MEMORY_BYTES STRETCH_BYTES SEED
 * Reads a number of aggregations per line; prints "nanoseconds rows checksum" for each. Rows are what the merges went over.
 */
#include "rounds.h"

#include <stdbool.h>

enum { SAMPLES = 20, MIN_REGIONS = 10 };

static const uint64_t MIN_REGION_BYTES = 4096;

/* xoshiro256**, seeded by splitmix64 (Blackman and Vigna, 2018). */
static uint64_t state[4];

static inline uint64_t rotate(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

static void seed(uint64_t from)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (from += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        state[i] = z ^ (z >> 31);
    }
}

static inline uint64_t next_bits(void)
{
    uint64_t result = rotate(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 45);
    return result;
}

static inline uint64_t next_below(uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)next_bits() * bound) >> 64);
}

struct region {
    uint64_t start;
    uint64_t end;
    uint64_t sample;
    uint32_t accesses;
    uint32_t last_accesses;
    uint32_t age;
    uint32_t partly;
#ifdef LINKED_LIST
    struct region *next;
#endif
};

static int count;

/* Settings of the run, and what the policy remembers from one aggregation to the next. */
static int max_regions;
static uint64_t stretch_bytes;
static uint64_t size_limit = UINT64_MAX;
static int count_at_last_split = -1;
static int split_offset;
static uint64_t aggregation;

#ifdef LINKED_LIST

static struct region *head;
static struct region *spare_nodes;

static struct region *take_node(void)
{
    struct region *node = spare_nodes;
    if (node)
        spare_nodes = node->next;
    else
        node = must(malloc(sizeof(*node)));
    return node;
}

static void give_node(struct region *node)
{
    node->next = spare_nodes;
    spare_nodes = node;
}

#define FOR_EACH(region) for (struct region *region = head; region; region = region->next)

static void begin_with(struct region first)
{
    head = take_node();
    *head = first;
    head->next = NULL;
    count = 1;
}

/* Cuts a region in two: it keeps the left part. */
static void split_at(struct region *region, uint64_t address)
{
    struct region *right = take_node();
    *right = *region;
    right->start = address;
    right->sample = address;
    region->end = address;
    region->next = right;
    count++;
}

#else

static struct region *rows;
static struct region *spare_rows;
static int capacity;

#define FOR_EACH(region) for (struct region *region = rows, *rows_end = rows + count; region < rows_end; region++)

static void begin_with(struct region first)
{
    capacity = 16;
    rows = must(malloc((size_t)capacity * sizeof(*rows)));
    spare_rows = must(malloc((size_t)capacity * sizeof(*rows)));
    rows[0] = first;
    count = 1;
}

static void make_room(int needed)
{
    if (needed <= capacity)
        return;
    capacity = needed > 2 * capacity ? needed : 2 * capacity;
    rows = must(realloc(rows, (size_t)capacity * sizeof(*rows)));
    spare_rows = must(realloc(spare_rows, (size_t)capacity * sizeof(*rows)));
}

/* What was written to the spare rows becomes the table. */
static void swap_rows(int written)
{
    struct region *old = rows;
    rows = spare_rows;
    spare_rows = old;
    count = written;
}

#endif

static inline uint32_t difference(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static inline uint32_t weighted_mean(uint32_t left, uint64_t left_size, uint32_t right, uint64_t right_size)
{
    uint64_t most;
    if (!__builtin_mul_overflow(left > right ? left : right, left_size + right_size, &most))
        return (uint32_t)((left * left_size + right * right_size) / (left_size + right_size));
    return (uint32_t)(((unsigned __int128)left * left_size + (unsigned __int128)right * right_size) / (left_size + right_size));
}

static inline bool alike(const struct region *left, const struct region *right, uint32_t threshold)
{
    return left->end == right->start && difference(left->accesses, right->accesses) <= threshold && right->end - left->start <= size_limit;
}

static inline void absorb(struct region *left, const struct region *right)
{
    uint64_t left_size = left->end - left->start;
    uint64_t right_size = right->end - right->start;
    left->accesses = weighted_mean(left->accesses, left_size, right->accesses, right_size);
    left->age = weighted_mean(left->age, left_size, right->age, right_size);
    left->partly = left->partly > right->partly ? left->partly : right->partly;
    left->end = right->end;
}

static void count_ages(uint32_t threshold)
{
    FOR_EACH(region) {
        bool changed = difference(region->accesses, region->last_accesses) > threshold || (region->accesses == 0) != (region->last_accesses == 0);
        region->age = changed ? 0 : region->age + 1;
    }
}

static void merge_pass(uint32_t threshold)
{
#ifdef LINKED_LIST
    struct region *last = head;
    while (last) {
        struct region *next = last->next;
        if (next && alike(last, next, threshold)) {
            absorb(last, next);
            last->next = next->next;
            give_node(next);
            count--;
        } else {
            last = next;
        }
    }
#else
    int last = 0;
    for (int i = 1; i < count; i++) {
        if (alike(&rows[last], &rows[i], threshold))
            absorb(&rows[last], &rows[i]);
        else if (++last != i)
            rows[last] = rows[i];
    }
    count = last + 1;
#endif
}

static void update_size_limit(void)
{
    uint64_t total = 0;
    FOR_EACH(region)
        total += region->end - region->start;
    uint64_t limit = total / MIN_REGIONS;
    limit = limit > MIN_REGION_BYTES ? limit : MIN_REGION_BYTES;
    size_limit = (limit + MIN_REGION_BYTES - 1) & ~(MIN_REGION_BYTES - 1);
}

static void cut_above_limit(void)
{
#ifdef LINKED_LIST
    FOR_EACH(region)
        if (region->end - region->start > size_limit)
            split_at(region, region->start + size_limit);
#else
    int needed = count;
    FOR_EACH(region)
        if (region->end - region->start > size_limit)
            needed += (int)((region->end - region->start) / size_limit);
    if (needed == count)
        return;
    make_room(needed);
    int written = 0;
    FOR_EACH(region) {
        struct region part = *region;
        while (region->end - part.start > size_limit) {
            part.end = part.start + size_limit;
            part.sample = part.start;
            spare_rows[written++] = part;
            part.start = part.end;
        }
        part.end = region->end;
        part.sample = part.start;
        spare_rows[written++] = part;
    }
    swap_rows(written);
#endif
}

static void merge(uint32_t max_seen)
{
    if (size_limit == UINT64_MAX)
        update_size_limit();
    uint64_t threshold = max_seen / 10;
    count_ages((uint32_t)threshold);
    do {
        merge_pass((uint32_t)threshold);
        threshold = 2 * threshold > 1 ? 2 * threshold : 1;
    } while (count > max_regions && threshold / 2 < SAMPLES);
    update_size_limit();
    cut_above_limit();
}

static void reset(void)
{
    FOR_EACH(region) {
        region->last_accesses = region->accesses;
        region->accesses = 0;
        region->partly = 0;
    }
}

/* After how many of so many bytes to cut; 0 for nowhere. No size here comes near the one at which nine times as much would not fit. */
static inline uint64_t draw_cut(uint64_t size)
{
    uint64_t tenths = 1 + next_below(9);
    uint64_t left = size * tenths / 10 & ~(MIN_REGION_BYTES - 1);
    return left >= size ? 0 : left;
}

static void split(void)
{
    int before = count;
    if (count >= max_regions) {
        count_at_last_split = count;
        return;
    }
    int step = count > max_regions / 2 ? max_regions / (max_regions - count) : 1;
    int pieces = count == count_at_last_split && count < max_regions / 3 ? 3 : 2;
    count_at_last_split = count;
    int offset = split_offset++ & 0xFFFF;
    int to_cut = (step - offset % step) % step;
#ifdef LINKED_LIST
    (void)before;
    struct region *following;
    for (struct region *region = head; region; region = following) {
        following = region->next;
        if (to_cut-- != 0)
            continue;
        to_cut = step - 1;
        for (int cut = 1; cut < pieces && region->end - region->start > 2 * MIN_REGION_BYTES; cut++) {
            uint64_t left = draw_cut(region->end - region->start);
            if (left)
                split_at(region, region->start + left);
        }
        region->sample = region->start;
    }
#else
    make_room(before * pieces);
    struct region *to = spare_rows;
    for (int i = 0; i < before; i++) {
        struct region *region = &rows[i];
        region->sample = region->start;
        if (to_cut-- != 0) {
            *to++ = *region;
            continue;
        }
        to_cut = step - 1;
        uint64_t cuts[2];
        int found = 0;
        uint64_t left_end = region->end;
        for (int cut = 1; cut < pieces && left_end - region->start > 2 * MIN_REGION_BYTES; cut++) {
            uint64_t left = draw_cut(left_end - region->start);
            if (left)
                cuts[found++] = left_end = region->start + left;
        }
        struct region part = *region;
        while (found > 0) {
            part.end = cuts[--found];
            *to++ = part;
            part.start = part.sample = part.end;
        }
        part.end = region->end;
        *to++ = part;
    }
    swap_rows((int)(to - spare_rows));
#endif
}

/* The counts that sampling would have brought: four kinds of stretches that take turns, and one access more or less by chance. */
static uint32_t fill_counts(void)
{
    static const uint32_t kinds[4] = { 20, 0, 11, 3 };
    uint32_t max_seen = 0;
    FOR_EACH(region) {
        uint32_t accesses = kinds[region->start / stretch_bytes % 4];
        if (accesses)
            accesses -= (uint32_t)(((region->start >> 12) * 0x9E3779B97F4A7C15u + aggregation * 0xBF58476D1CE4E5B9u) >> 63);
        region->accesses = accesses;
        max_seen = accesses > max_seen ? accesses : max_seen;
    }
    aggregation++;
    return max_seen;
}

static uint64_t checksum(void)
{
    uint64_t sum = 14695981039346656037u;
    FOR_EACH(region) {
        const uint64_t fields[] = { region->start, region->end, region->accesses, region->last_accesses, region->age, region->partly };
        for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++)
            sum = (sum ^ fields[i]) * 1099511628211u;
    }
    return sum;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "regions MAX_REGIONS MEMORY_BYTES STRETCH_BYTES SEED\n");
        return 2;
    }
    max_regions = atoi(argv[1]);
    stretch_bytes = strtoull(argv[3], NULL, 10);
    seed(strtoull(argv[4], NULL, 10));
    begin_with((struct region){ .start = 0, .end = strtoull(argv[2], NULL, 10) });
    update_size_limit();
    cut_above_limit();

    for (unsigned operations; (operations = next_round()) > 0;) {
        uint64_t spent = 0;
        uint64_t gone_over = 0;
        for (unsigned i = 0; i < operations; i++) {
            uint32_t max_seen = fill_counts();
            gone_over += (uint64_t)count;
            uint64_t began = nanoseconds();
            merge(max_seen);
            reset();
            split();
            spent += nanoseconds() - began;
        }
        printf("%llu %llu %llu\n", (unsigned long long)spent, (unsigned long long)gone_over, (unsigned long long)checksum());
        fflush(stdout);
    }
    return 0;
}
