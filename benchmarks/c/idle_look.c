/*
 * One look of the idle-page probe, with bare system calls: frames of the sampled pages from a pagemap file, page flags of the frames, marks written, then all of it again with marks
 * read. What lies near each other is one call, by the same rules as in the engine, so both make the same calls; the counts are printed.
 *
 * idle_look PAGEMAP KPAGEFLAGS BITMAP ADDRESSES PAGEMAP_REACH FLAGS_REACH
 * ADDRESSES is a file of 64-bit addresses, ascending. BITMAP is written: give it an ordinary file.
 * Reads a number of looks per line; prints "nanoseconds pagemap-reads flag-reads bitmap-reads bitmap-writes accessed" for each.
 */
#include "rounds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS = 512, FRAMES_PER_BLOCK = 512, PAGE_BYTES = 4096 };

static const uint64_t PRESENT = (uint64_t)1 << 63;
static const uint64_t FRAME_MASK = ((uint64_t)1 << 55) - 1;
static const uint64_t LRU = 1u << 5, COMPOUND_HEAD = 1u << 15, COMPOUND_TAIL = 1u << 16, HUGETLB = 1u << 17;

struct page {
    uint64_t frame;
    size_t index;
};

static int pagemap, flags, bitmap;
static uint64_t pagemap_reach, flags_reach;
static uint64_t pagemap_reads, flag_reads, bitmap_reads, bitmap_writes;
static uint64_t words[WORDS];

static int by_frame(const void *a, const void *b)
{
    uint64_t left = ((const struct page *)a)->frame, right = ((const struct page *)b)->frame;
    return (left > right) - (left < right);
}

/* Reads so many 64-bit words; gives how many there were. */
static size_t read_words(int file, uint64_t first, size_t wanted)
{
    ssize_t got = pread(file, words, wanted * sizeof(*words), (off_t)(first * sizeof(*words)));
    if (got < 0 && errno != ENXIO)
        die("pread");
    return got < 0 ? 0 : (size_t)got / sizeof(*words);
}

static size_t find_frames(const uint64_t *addresses, size_t pages, struct page *found)
{
    size_t kept = 0;
    for (size_t i = 0; i < pages;) {
        uint64_t first = addresses[i] / PAGE_BYTES, last = first;
        size_t end = i + 1;
        for (; end < pages; end++) {
            uint64_t page = addresses[end] / PAGE_BYTES;
            if (page - last > pagemap_reach || page - first >= WORDS)
                break;
            last = page;
        }
        size_t got = read_words(pagemap, first, last - first + 1);
        pagemap_reads++;
        for (; i < end; i++) {
            uint64_t at = addresses[i] / PAGE_BYTES - first;
            if (at < got && (words[at] & PRESENT))
                found[kept++] = (struct page){ .frame = words[at] & FRAME_MASK, .index = i };
        }
    }
    qsort(found, kept, sizeof(*found), by_frame);
    return kept;
}

/* Reads the flags of sorted frames. Frames that carry a mark of their own stay; tails take the next frame that may be their folio's first, and are looked at again. */
static size_t find_marked(struct page *found, size_t pages, struct page *tails)
{
    size_t kept = 0, waiting = 0, next = 0;
    struct page *from = found;
    int first_look = 1;
    for (;;) {
        for (size_t i = next; i < pages;) {
            uint64_t first = from[i].frame, last = first;
            size_t end = i + 1;
            for (; end < pages; end++) {
                if (from[end].frame - last > flags_reach || from[end].frame - first >= WORDS)
                    break;
                last = from[end].frame;
            }
            size_t got = read_words(flags, first, last - first + 1);
            flag_reads++;
            for (; i < end; i++) {
                struct page page = from[i];
                if (page.frame - first >= got)
                    continue;
                uint64_t bits = words[page.frame - first];
                if (bits & COMPOUND_TAIL) {
                    if (page.frame % FRAMES_PER_BLOCK == 0)
                        continue;
                    page.frame &= page.frame - 1;
                    tails[waiting++] = page;
                } else if ((first_look || (bits & COMPOUND_HEAD)) && (bits & (LRU | HUGETLB)) == LRU) {
                    found[kept++] = page;
                }
            }
        }
        if (waiting == 0)
            break;
        qsort(tails, waiting, sizeof(*tails), by_frame);
        from = tails;
        pages = waiting;
        waiting = 0;
        next = 0;
        first_look = 0;
    }
    if (!first_look)
        qsort(found, kept, sizeof(*found), by_frame);
    return kept;
}

/* The end of the run of frames, from first on, whose words lie side by side. */
static size_t run_end(const struct page *found, size_t pages, size_t first)
{
    uint64_t begin = found[first].frame / 64, last = begin;
    size_t end = first + 1;
    for (; end < pages; end++) {
        uint64_t word = found[end].frame / 64;
        if (word - last > 1 || word - begin >= WORDS)
            break;
        last = word;
    }
    return end;
}

static void mark(const struct page *found, size_t pages)
{
    for (size_t i = 0; i < pages;) {
        size_t end = run_end(found, pages, i);
        uint64_t begin = found[i].frame / 64;
        size_t length = found[end - 1].frame / 64 - begin + 1;
        memset(words, 0, length * sizeof(*words));
        for (; i < end; i++)
            words[found[i].frame / 64 - begin] |= (uint64_t)1 << found[i].frame % 64;
        ssize_t written = pwrite(bitmap, words, length * sizeof(*words), (off_t)(begin * sizeof(*words)));
        bitmap_writes++;
        if (written < 0 && errno != ENXIO)
            die("pwrite");
    }
}

static void look(const struct page *found, size_t pages, unsigned char *accessed)
{
    for (size_t i = 0; i < pages;) {
        size_t end = run_end(found, pages, i);
        uint64_t begin = found[i].frame / 64;
        size_t got = read_words(bitmap, begin, found[end - 1].frame / 64 - begin + 1);
        bitmap_reads++;
        for (; i < end; i++) {
            uint64_t at = found[i].frame / 64 - begin;
            accessed[found[i].index] = at >= got || !(words[at] >> found[i].frame % 64 & 1);
        }
    }
}

static int open_or_die(const char *path, int mode)
{
    int file = open(path, mode | O_CLOEXEC);
    if (file < 0)
        die(path);
    return file;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "idle_look PAGEMAP KPAGEFLAGS BITMAP ADDRESSES PAGEMAP_REACH FLAGS_REACH\n");
        return 2;
    }
    pagemap = open_or_die(argv[1], O_RDONLY);
    flags = open_or_die(argv[2], O_RDONLY);
    bitmap = open_or_die(argv[3], O_RDWR);
    pagemap_reach = strtoull(argv[5], NULL, 10);
    flags_reach = strtoull(argv[6], NULL, 10);

    int list = open_or_die(argv[4], O_RDONLY);
    struct stat size;
    if (fstat(list, &size) != 0)
        die(argv[4]);
    size_t pages = (size_t)size.st_size / sizeof(uint64_t);
    uint64_t *addresses = must(malloc(pages * sizeof(*addresses)));
    if (read(list, addresses, pages * sizeof(*addresses)) != (ssize_t)(pages * sizeof(*addresses)))
        die(argv[4]);
    struct page *found = must(malloc(pages * sizeof(*found)));
    struct page *tails = must(malloc(pages * sizeof(*tails)));
    unsigned char *accessed = must(malloc(pages));

    for (unsigned operations; (operations = next_round()) > 0;) {
        pagemap_reads = flag_reads = bitmap_reads = bitmap_writes = 0;
        uint64_t began = nanoseconds();
        for (unsigned i = 0; i < operations; i++) {
            mark(found, find_marked(found, find_frames(addresses, pages, found), tails));
            memset(accessed, 0, pages);
            look(found, find_marked(found, find_frames(addresses, pages, found), tails), accessed);
        }
        uint64_t spent = nanoseconds() - began;
        size_t seen = 0;
        for (size_t i = 0; i < pages; i++)
            seen += accessed[i];
        printf("%llu %llu %llu %llu %llu %zu\n", (unsigned long long)spent, (unsigned long long)pagemap_reads, (unsigned long long)flag_reads,
               (unsigned long long)bitmap_reads, (unsigned long long)bitmap_writes, seen);
        fflush(stdout);
    }
    return 0;
}
