/* LD_PRELOAD: fsync and fdatasync wait while the file named by HANG_FILE exists, as a dying eMMC
 * does, and then do their work. Unlike strace's delay it ends with the process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_while_hanging(void) {
  const char *file = getenv("HANG_FILE");
  while (file != NULL && access(file, F_OK) == 0) usleep(5000);
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_while_hanging();
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_while_hanging();
  return real(fd);
}
