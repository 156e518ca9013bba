/*
 * A process to look at: maps so much memory, writes to so many pages of it, prints the mapping's address and waits until its input ends. Nothing is reserved, so a tebibyte costs what
 * the touched pages and their page tables take.
 *
 * memory BYTES PAGES GAP HUGE
 * The touched pages lie in groups of 8, GAP pages from one to the next; the groups are spread evenly. HUGE is 1 to ask for huge pages, 0 to refuse them.
 */
#include "rounds.h"

#include <sys/mman.h>

enum { PAGE_BYTES = 4096, GROUP = 8 };

static const uint64_t ALIGNMENT = (uint64_t)2 << 20;

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "memory BYTES PAGES GAP HUGE\n");
        return 2;
    }
    uint64_t bytes = strtoull(argv[1], NULL, 10);
    uint64_t pages = strtoull(argv[2], NULL, 10);
    uint64_t gap = strtoull(argv[3], NULL, 10);
    char *raw = mmap(NULL, bytes + ALIGNMENT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED)
        die("mmap");
    char *memory = (char *)(((uintptr_t)raw + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
    if (madvise(memory, bytes, argv[4][0] == '1' ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) != 0)
        perror("madvise");
    uint64_t groups = (pages + GROUP - 1) / GROUP;
    uint64_t group_bytes = bytes / groups & ~(uint64_t)(PAGE_BYTES - 1);
    for (uint64_t page = 0; page < pages; page++)
        memory[page / GROUP * group_bytes + page % GROUP * gap * PAGE_BYTES] = 1;
    printf("%llu\n", (unsigned long long)(uintptr_t)memory);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
