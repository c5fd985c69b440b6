#define _GNU_SOURCE
#include "CLinux.h"
#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void linux_return_large_buffers(void) { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

// What no segment may write was never copied from its file: it comes back from there when it is touched.
static int release(struct dl_phdr_info *object, size_t size, void *nothing) {
    (void)size, (void)nothing;
    // The kernel's own page has no file behind it.
    if (strstr(object->dlpi_name, "linux-vdso")) return 0;
    const uintptr_t page = sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        uintptr_t begin = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_filesz;
        madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}

void linux_release_file_pages(void) {
    dl_iterate_phdr(release, NULL);
    malloc_trim(0);
}
