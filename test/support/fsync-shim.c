/* LD_PRELOAD: fsync and fdatasync wait while the file named by HANG_FILE exists, as a dying eMMC
 * does, and then do their work. Unlike strace's delay it ends with the process.
 * HANG_ONLY: only for files whose path contains this. SYNC_LOG: file that is told each path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  path[length < 0 ? 0 : length] = 0;
}

static void wait_while_hanging(int fd) {
  char path[4096];
  path_of(fd, path, sizeof path);
  const char *log = getenv("SYNC_LOG");
  if (log != NULL) {
    int out = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (out >= 0) {
      dprintf(out, "%s\n", path);
      close(out);
    }
  }
  const char *only = getenv("HANG_ONLY");
  if (only != NULL && strstr(path, only) == NULL) return;
  const char *file = getenv("HANG_FILE");
  while (file != NULL && access(file, F_OK) == 0) usleep(5000);
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_while_hanging(fd);
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_while_hanging(fd);
  return real(fd);
}
